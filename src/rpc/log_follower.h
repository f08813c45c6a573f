// `tail -f` on one log: its last bytes first, then everything that is appended, through rotation and truncation.
// Source: Supervisor http.py tail_f_producer, with its intended text on truncation, and without losing what was still
// in the old file when a new one takes the path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>

#include "base/result.h"
#include "rpc/log_file.h"

namespace upkeep::rpc {

inline constexpr std::int64_t kFollowHeadStart = 1024;  // bytes before the end where following starts

class LogFollower {
 public:
  static Result<LogFollower> open(std::string path);  // errors as open_log

  // The next bytes, at most `most` (and the text on truncation); empty when nothing new is there. While nothing is at
  // the path, the old file is followed on; a new file there is sent from its beginning, once the old one is drained.
  std::string read(std::size_t most);
  std::time_t modified() const { return log_.status.st_mtime; }  // of the file when it was opened

 private:
  LogFollower(std::string path, LogFile log);
  std::string advance(std::size_t most);
  bool was_truncated() const;
  bool is_replaced() const;

  std::string path_;
  LogFile log_;
  std::int64_t offset_ = 0;
};

}  // namespace upkeep::rpc
