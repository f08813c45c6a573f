#include "engine/pidfile.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/text.h"
#include "os/file.h"
#include "os/guarded_open.h"

namespace upkeep::engine {

Result<void> write_pidfile(const std::string& path, int pid) {
  const Fd file = TRY(os::open_guarded(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK));
  return os::write_all(file.get(), std::to_string(pid) + "\n");
}

bool pidfile_says(const std::string& path, int pid) {
  const auto text = os::read_file(path, 64);
  return text && trim(*text) == std::to_string(pid);
}

void remove_pidfile(const std::string& path, int pid) {
  if (pidfile_says(path, pid)) (void)::unlink(path.c_str());  // if it cannot be removed, the next start overwrites it
}

}  // namespace upkeep::engine
