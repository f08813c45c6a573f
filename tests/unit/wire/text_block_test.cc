#include "wire/text_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace upkeep::wire {
namespace {

using testing::ElementsAre;

TEST(TextBlock, HoldsTextsInTheirOrder) {
  TextBlock block{"cat", "", "two words"};
  EXPECT_THAT(block.views(), ElementsAre("cat", "", "two words"));
  EXPECT_FALSE(block.empty());
  EXPECT_TRUE(TextBlock{}.empty());
  EXPECT_EQ(block, TextBlock(std::vector<std::string>{"cat", "", "two words"}));
}

TEST(TextBlock, PointsAtThemForExecve) {
  TextBlock block{"a", "", std::string(5000, 'x')};
  const std::vector<char*> pointers = block.pointers();
  ASSERT_EQ(pointers.size(), 4u);
  EXPECT_STREQ(pointers[0], "a");
  EXPECT_STREQ(pointers[1], "");
  EXPECT_EQ(std::string_view{pointers[2]}.size(), 5000u);
  EXPECT_EQ(pointers[3], nullptr);
  EXPECT_THAT(TextBlock{}.pointers(), ElementsAre(nullptr));
}

TEST(TextBlock, AZeroByteEndsATextAndBeginsNone) {
  TextBlock block;
  block.add(std::string_view{"A=1\0B=2", 7});
  EXPECT_THAT(block.views(), ElementsAre("A=1"));
}

}  // namespace
}  // namespace upkeep::wire
