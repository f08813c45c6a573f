#include "rpc/log_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "os/guarded_open.h"

namespace upkeep::rpc {

Result<LogFile> open_log(const std::string& path) {
  LogFile log;
  // A fifo would block the open, a terminal would become ours: neither is wanted before the type is known.
  log.fd = TRY(os::open_guarded(path, O_RDONLY | O_NOCTTY | O_NONBLOCK));
  if (::fstat(log.fd.get(), &log.status) != 0) return Error::from_errno("stat " + path);
  if (!S_ISREG(log.status.st_mode)) return Error{"open " + path + ": not a regular file", EINVAL};
  return log;
}

Result<std::string> read_at(const Fd& file, std::int64_t offset, std::size_t length) {
  std::string bytes(length, '\0');
  std::size_t got = 0;
  while (got < length) {
    const ssize_t count =
        ::pread(file.get(), bytes.data() + got, length - got, offset + static_cast<std::int64_t>(got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error::from_errno("read a log");
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  bytes.resize(got);
  return bytes;
}

}  // namespace upkeep::rpc
