#include "daemontools/opening.h"

#include <fcntl.h>

namespace upkeep::daemontools {

Fd open_read(const char* path) { return Fd{::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)}; }

Fd open_write(const char* path) { return Fd{::open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)}; }

Fd open_append(const char* path) {
  return Fd{::open(path, O_WRONLY | O_NONBLOCK | O_APPEND | O_CREAT | O_CLOEXEC, 0600)};
}

}  // namespace upkeep::daemontools
