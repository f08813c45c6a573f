#include "base/state_directory.h"

#include <gtest/gtest.h>

namespace upkeep {
namespace {

TEST(StateDirectory, IsSuperviseUnlessSaidOtherwise) {
  EXPECT_EQ(state_directory(nullptr, "/srv/x"), "supervise");
  EXPECT_EQ(state_directory("", "/srv/x"), "supervise");
}

TEST(StateDirectory, MayHaveAnotherName) { EXPECT_EQ(state_directory(".state", "/srv/x"), ".state"); }

TEST(StateDirectory, HasAPlaceForEachServiceBelowAnAbsoluteOne) {
  EXPECT_EQ(state_directory("/run/sv", "/srv/x"), "/run/sv/srv:x");
  EXPECT_EQ(state_directory("/run/sv", "/srv/x/log"), "/run/sv/srv:x:log");
  EXPECT_EQ(state_directory("/run/sv", "/x"), "/run/sv/x");
  EXPECT_EQ(state_directory("/run/sv", ""), "/run/sv");
}

}  // namespace
}  // namespace upkeep
