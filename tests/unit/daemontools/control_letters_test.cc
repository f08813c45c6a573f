#include "daemontools/control_letters.h"

#include <gtest/gtest.h>

namespace upkeep::daemontools {
namespace {

std::string bytes(std::string_view letters, Dialect dialect) {
  ControlLetters control{dialect};
  for (const char letter : letters) EXPECT_TRUE(control.add(letter));
  return control.bytes();
}

TEST(ControlLetters, AreEachSentOnceInOrder) {
  EXPECT_EQ(bytes("uudduxi", Dialect::Original), "udxi");
  EXPECT_EQ(bytes("", Dialect::Original), "");
  EXPECT_EQ(bytes("q12w", Dialect::Original), "q12w");
}

TEST(ControlLetters, BeginWithTheServiceInEncore) {
  EXPECT_EQ(bytes("dx", Dialect::Encore), "ldx");
  EXPECT_EQ(bytes("", Dialect::Encore), "l");
}

TEST(ControlLetters, AreSentAgainToTheOther) {
  EXPECT_EQ(bytes("dLdxd", Dialect::Original), "dLdx");
  EXPECT_EQ(bytes("dLdld", Dialect::Encore), "ldLdld");
  EXPECT_EQ(bytes("+d=d+", Dialect::Encore), "l+d=");
}

TEST(ControlLetters, HaveALimit) {
  ControlLetters control{Dialect::Encore};
  for (std::size_t i = 1; i < kControlBytesMax; ++i) EXPECT_TRUE(control.add('L'));
  EXPECT_FALSE(control.add('L'));
  EXPECT_FALSE(control.add('d'));
  EXPECT_EQ(control.bytes().size(), kControlBytesMax);
}

}  // namespace
}  // namespace upkeep::daemontools
