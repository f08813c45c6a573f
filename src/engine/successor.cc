#include "engine/successor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "os/file.h"

namespace upkeep::engine {

Error become_keeper(const std::vector<std::string>& argv, const std::vector<wire::HandoverItem>& items) {
  auto memfd = os::make_memfd("upkeep-handover", wire::encode_handover(items), os::Sealing::Sealed);
  if (!memfd) return memfd.error();
  (void)::fcntl(memfd->get(), F_SETFD, 0);
  for (const wire::HandoverItem& item : items)
    for (const int fd : item.fds) (void)::fcntl(fd, F_SETFD, 0);  // open descriptors of ours: cannot fail
  if (::setenv(wire::kHandoverVariable, std::to_string(memfd->get()).c_str(), 1) != 0)
    return Error::from_errno("setenv");

  std::vector<std::string> words = argv;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execv("/proc/self/exe", pointers.data());
  return Error::from_errno("execute our own image as the keeper");
}

}  // namespace upkeep::engine
