#include "daemontools/readproctitle.h"

#include <gtest/gtest.h>

#include <string>

namespace upkeep::daemontools {
namespace {

std::string shown(std::string window, std::string_view bytes) {
  shift_in(window.data(), window.size(), bytes);
  return window;
}

TEST(Readproctitle, ShiftsFromTheRightBehindThreeDots) {
  EXPECT_EQ(shown(".......", "ab"), ".....ab");
  EXPECT_EQ(shown(".......", "abcdefg"), "...defg");
  EXPECT_EQ(shown(".....", "xyz"), "...yz");
}

TEST(Readproctitle, LeavesOutNulsAndKeepsNewlines) {
  EXPECT_EQ(shown(".......", std::string_view{"a\0b\n", 4}), "....ab\n");
}

}  // namespace
}  // namespace upkeep::daemontools
