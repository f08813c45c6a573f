// Reading logs for clients: by offset, and their tails. Only regular files are read, so that a path that names a device
// or a fifo can neither block nor disturb anybody.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace upkeep::rpc {

struct LogFile {
  Fd fd;
  struct stat status {};
};

// Code ENOENT where nothing is at `path`; EINVAL for what is not a regular file.
Result<LogFile> open_log(const std::string& path);

// Up to `length` bytes from `offset`; fewer at the end of the file, none past it.
Result<std::string> read_at(const Fd& file, std::int64_t offset, std::size_t length);

}  // namespace upkeep::rpc
