#include "keeper/table_memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace upkeep::keeper {

Result<Fd> write_table(const std::vector<wire::HandoverItem>& items) {
  const std::string bytes = wire::encode_handover(items);
  Fd memfd{::memfd_create("upkeep-handover", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!memfd) return Error::from_errno("make a memfd for the table");
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count = ::write(memfd.get(), bytes.data() + done, bytes.size() - done);
    if (count < 0) return Error::from_errno("write the table");
    done += static_cast<std::size_t>(count);
  }
  if (::fcntl(memfd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return Error::from_errno("seal the table");
  return memfd;
}

Result<std::vector<wire::HandoverItem>> read_table(int memfd) {
  struct stat status {};
  if (::fstat(memfd, &status) != 0) return Error::from_errno("read the table");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  if (::pread(memfd, bytes.data(), bytes.size(), 0) != status.st_size) return Error::from_errno("read the table");
  return wire::decode_handover(bytes);
}

void inherit(const std::vector<wire::HandoverItem>& items, bool wanted) {
  for (const wire::HandoverItem& item : items)
    for (const int fd : item.fds) (void)::fcntl(fd, F_SETFD, wanted ? 0 : FD_CLOEXEC);  // open, ours: cannot fail
}

}  // namespace upkeep::keeper
