#include "rpc/log_window.h"

#include <algorithm>
#include <limits>

namespace upkeep::rpc {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

LogWindow last_bytes(std::int64_t size, std::int64_t count) {
  const std::int64_t length = std::min({count, size, kLogBytesMax});
  return {size - length, length};
}

std::int64_t add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? kMax : std::numeric_limits<std::int64_t>::min();
}

}  // namespace

std::optional<LogWindow> read_window(std::int64_t size, std::int64_t offset, std::int64_t length) {
  if (offset < 0) {
    if (length != 0) return std::nullopt;
    return last_bytes(size, offset < -kMax ? kMax : -offset);
  }
  if (length < 0) return std::nullopt;
  if (offset >= size) return LogWindow{size, 0};
  return LogWindow{offset, std::min({length == 0 ? kMax : length, size - offset, kLogBytesMax})};
}

LogTail tail_window(std::int64_t size, std::int64_t offset, std::int64_t length) {
  const bool overflow = size > add(offset, length);
  if (length <= 0 || (!overflow && offset >= size)) return {{size, 0}, overflow};
  return {last_bytes(size, length), overflow};
}

}  // namespace upkeep::rpc
