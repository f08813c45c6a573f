#include "daemontools/tai64n.h"

#include <gtest/gtest.h>

namespace upkeep::daemontools {
namespace {

class LineStampsTest : public testing::Test {
 protected:
  std::string fed(std::string_view input) {
    std::string output;
    stamps_.feed(input, output);
    return output;
  }

  int seconds_ = 0;  // each look at the clock takes one
  LineStamps stamps_{[this] { return WallTime{std::chrono::seconds{1'000'000'000 + seconds_++}}; }};
};

TEST_F(LineStampsTest, StampEachLine) {
  EXPECT_EQ(fed("a\n\nb\n"), "@400000003b9aca0a00000000 a\n@400000003b9aca0b00000000 \n@400000003b9aca0c00000000 b\n");
}

TEST_F(LineStampsTest, StampTheFirstByteAndHoldNothingBack) {
  EXPECT_EQ(fed("ab"), "@400000003b9aca0a00000000 ab");
  EXPECT_EQ(fed("cd"), "cd");
  EXPECT_EQ(fed("\n"), "\n");
  EXPECT_EQ(fed("\n"), "@400000003b9aca0b00000000 \n");
}

}  // namespace
}  // namespace upkeep::daemontools
