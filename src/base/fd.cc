#include "base/fd.h"

#include <fcntl.h>

namespace upkeep {

Result<Fd> Fd::duplicate() const {
  Fd copy{::fcntl(fd_, F_DUPFD_CLOEXEC, 3)};
  if (!copy) return Error::from_errno("duplicate a descriptor");
  return copy;
}

Result<Pipe> Pipe::make(int flags) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | flags) != 0) return Error::from_errno("make a pipe");
  return Pipe{Fd{ends[0]}, Fd{ends[1]}};
}

Result<void> set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return Error::from_errno("set O_NONBLOCK");
  return {};
}

}  // namespace upkeep
