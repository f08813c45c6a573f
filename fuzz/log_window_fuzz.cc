// Offsets and lengths that a client asks of a log, against any size: what comes of them lies within the log, without
// an overflow on the way, and is never more than one call returns.
//
// Input: size, offset, length; 8 bytes each.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "rpc/log_window.h"

using namespace upkeep::rpc;

namespace {

void check(const LogWindow& window, std::int64_t size) {
  const bool is_within = window.begin >= 0 && window.length >= 0 && window.begin <= size &&
                         window.length <= size - window.begin && window.length <= kLogBytesMax;
  if (window.length > 0 && !is_within) std::abort();
  if (window.length < 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::array<std::int64_t, 3> numbers{};
  if (size < sizeof numbers) return 0;
  std::memcpy(numbers.data(), data, sizeof numbers);
  const auto [raw, offset, length] = numbers;
  const std::int64_t log = raw & std::numeric_limits<std::int64_t>::max();  // no file has less than nothing
  if (const auto window = read_window(log, offset, length)) check(*window, log);
  check(tail_window(log, offset, length).window, log);
  return 0;
}
