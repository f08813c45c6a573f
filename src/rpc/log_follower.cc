#include "rpc/log_follower.h"

#include <algorithm>

namespace upkeep::rpc {

LogFollower::LogFollower(std::string path, LogFile log)
    : path_(std::move(path)),
      log_(std::move(log)),
      offset_(std::max<std::int64_t>(0, log_.status.st_size - kFollowHeadStart)) {}

Result<LogFollower> LogFollower::open(std::string path) {
  LogFile log = TRY(open_log(path));
  return LogFollower{std::move(path), std::move(log)};
}

std::string LogFollower::read(std::size_t most) {
  if (std::string bytes = advance(most); !bytes.empty()) return bytes;
  if (was_truncated()) {
    offset_ = 0;
    return "==> File truncated <==\n" + advance(most);
  }
  if (!is_replaced()) return {};
  auto successor = open_log(path_);
  if (!successor) return {};
  // Bytes may have come between the first look and the rotation.
  if (std::string bytes = advance(most); !bytes.empty()) return bytes;
  log_ = std::move(*successor);
  offset_ = 0;
  return advance(most);
}

std::string LogFollower::advance(std::size_t most) {
  auto bytes = read_at(log_.fd, offset_, most);
  if (!bytes) return {};  // a sick disk: tried again at the next poll
  offset_ += static_cast<std::int64_t>(bytes->size());
  return std::move(*bytes);
}

bool LogFollower::was_truncated() const {
  struct stat now {};
  return ::fstat(log_.fd.get(), &now) == 0 && now.st_size < offset_;
}

bool LogFollower::is_replaced() const {
  struct stat now {};
  if (::stat(path_.c_str(), &now) != 0) return false;
  return now.st_dev != log_.status.st_dev || now.st_ino != log_.status.st_ino;
}

}  // namespace upkeep::rpc
