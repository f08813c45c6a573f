#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

namespace upkeep {
namespace {

TEST(Bytes, NumbersAreLittleEndian) {
  ByteWriter out;
  out.number(std::uint32_t{0x01020304});
  out.number(std::int16_t{-2});
  EXPECT_EQ(out.bytes(), std::string("\x04\x03\x02\x01\xfe\xff", 6));
}

TEST(Bytes, ReadBackWhatWasWritten) {
  ByteWriter out;
  out.number(std::numeric_limits<std::int64_t>::min());
  out.text("grün\0x");
  out.list(std::vector<int>{1, 2, 3}, [](ByteWriter& w, int value) { w.number(value); });
  ByteReader in{out.bytes()};
  EXPECT_EQ(in.number<std::int64_t>(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(in.text(), "grün");
  EXPECT_EQ(in.list<int>([](ByteReader& r) { return r.number<int>(); }), (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(in.at_end());
}

TEST(Bytes, ReadingPastTheEndFailsForGood) {
  ByteReader in{std::string_view{"\x01\x02", 2}};
  EXPECT_EQ(in.number<std::uint32_t>(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.number<std::uint8_t>(), 0) << "although two bytes are left";
}

TEST(Bytes, AnAbsurdCountEndsWithTheBytes) {
  ByteReader in{std::string_view{"\xff\xff\xff\xff\x01", 5}};
  EXPECT_LE(in.list<int>([](ByteReader& r) { return r.number<int>(); }).size(), 2U);
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace upkeep
