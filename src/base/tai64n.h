// TAI64N labels (https://cr.yp.to/libtai/tai64.html): moments as daemontools writes them into logs, file names and
// status files.
//
// A label is 8 bytes of seconds and 4 bytes of nanoseconds, big-endian. Its seconds are 2^62 + 10 + Unix time: the ten
// are the whole leap second story of daemontools, which declares the Unix clock to be TAI - 10. No table is consulted,
// because logs that exist and every other tool count the same way.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace upkeep {

inline constexpr std::size_t kTai64nBytes = 12;
inline constexpr std::size_t kTai64nTextBytes = 25;  // "@" and 24 lower-case hexadecimal digits

struct Tai64n {
  std::uint64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  bool operator==(const Tai64n&) const = default;
};

Tai64n to_tai64n(WallTime time);
std::int64_t unix_seconds(const Tai64n& label);  // whole seconds since 1970, negative before

std::array<char, kTai64nBytes> pack(const Tai64n& label);
Tai64n unpack_tai64n(std::string_view bytes);  // the first kTai64nBytes of them, which must be there

// "@400000003b9aca0a00000000", without a terminator, to where kTai64nTextBytes fit. For loggers: no allocation.
void print(const Tai64n& label, char* to);
std::string to_text(const Tai64n& label);

}  // namespace upkeep
