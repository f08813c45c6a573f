#include "base/tai64n.h"

namespace upkeep {
namespace {

constexpr std::uint64_t kUnixEpoch = 4611686018427387914u;  // 2^62 + 10
constexpr std::int64_t kSecond = 1'000'000'000;

template <class Number>
void put_big_endian(Number value, char* to) {
  for (std::size_t i = sizeof value; i-- > 0; value = static_cast<Number>(value >> 8))
    to[i] = static_cast<char>(value & 0xff);
}

template <class Number>
Number get_big_endian(const char* from) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value = static_cast<Number>(value << 8 | static_cast<unsigned char>(from[i]));
  return value;
}

template <class Number>
char* print_hex(Number value, char* to) {
  constexpr std::size_t digits = 2 * sizeof value;
  for (std::size_t i = digits; i-- > 0; value = static_cast<Number>(value >> 4))
    to[i] = "0123456789abcdef"[value & 0xf];
  return to + digits;
}

}  // namespace

Tai64n to_tai64n(WallTime time) {
  const std::int64_t count = time.time_since_epoch().count();
  const std::int64_t seconds = count / kSecond - (count % kSecond < 0 ? 1 : 0);
  return {kUnixEpoch + static_cast<std::uint64_t>(seconds), static_cast<std::uint32_t>(count - seconds * kSecond)};
}

std::int64_t unix_seconds(const Tai64n& label) { return static_cast<std::int64_t>(label.seconds - kUnixEpoch); }

std::array<char, kTai64nBytes> pack(const Tai64n& label) {
  std::array<char, kTai64nBytes> bytes{};
  put_big_endian(label.seconds, bytes.data());
  put_big_endian(label.nanoseconds, bytes.data() + sizeof label.seconds);
  return bytes;
}

Tai64n unpack_tai64n(std::string_view bytes) {
  return {get_big_endian<std::uint64_t>(bytes.data()),
          get_big_endian<std::uint32_t>(bytes.data() + sizeof(std::uint64_t))};
}

void print(const Tai64n& label, char* to) {
  *to = '@';
  print_hex(label.nanoseconds, print_hex(label.seconds, to + 1));
}

std::string to_text(const Tai64n& label) {
  std::string text(kTai64nTextBytes, '\0');
  print(label, text.data());
  return text;
}

}  // namespace upkeep
