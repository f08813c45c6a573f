// What a program has marked for an event so far, bounded as Supervisor bounds it (loggers.py BoundIO): a piece that
// does not fit drops as many bytes as it has itself from the front of what is there, then goes in whole. So one large
// piece exceeds the bound, and a negative bound keeps the last piece or little more.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace upkeep::logs {

class CapturedText {
 public:
  explicit CapturedText(std::int64_t max_bytes) : max_bytes_(max_bytes) {}

  void add(std::string_view piece) {
    if (static_cast<std::int64_t>(text_.size() + piece.size()) > max_bytes_)
      text_.erase(0, std::min(piece.size(), text_.size()));
    text_ += piece;
  }
  std::string take() { return std::exchange(text_, {}); }
  std::size_t size() const { return text_.size(); }

 private:
  std::int64_t max_bytes_;
  std::string text_;
};

}  // namespace upkeep::logs
