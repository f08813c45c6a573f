#include "base/tai64n.h"

#include <gtest/gtest.h>

namespace upkeep {
namespace {

WallTime at(std::int64_t seconds, std::int64_t nanoseconds = 0) {
  return WallTime{std::chrono::seconds{seconds} + std::chrono::nanoseconds{nanoseconds}};
}

TEST(Tai64n, CountsTenSecondsMoreThanUnix) {
  EXPECT_EQ(to_text(to_tai64n(at(0))), "@400000000000000a00000000");
  EXPECT_EQ(to_text(to_tai64n(at(935467445, 787492500))), "@4000000037c219bf2ef02e94");
}

TEST(Tai64n, ReachesBeforeTheEpoch) {
  const Tai64n label = to_tai64n(at(-12, 500));
  EXPECT_EQ(unix_seconds(label), -12);
  EXPECT_EQ(label.nanoseconds, 500u);
  EXPECT_EQ(unix_seconds(to_tai64n(at(0, -1))), -1);
}

TEST(Tai64n, PacksBigEndian) {
  const auto bytes = pack(Tai64n{0x400000006b00fb46u, 0x16e8ad6cu});
  EXPECT_EQ((std::string{bytes.data(), bytes.size()}), std::string("\x40\0\0\0\x6b\0\xfb\x46\x16\xe8\xad\x6c", 12));
  EXPECT_EQ(unpack_tai64n({bytes.data(), bytes.size()}), (Tai64n{0x400000006b00fb46u, 0x16e8ad6cu}));
}

}  // namespace
}  // namespace upkeep
