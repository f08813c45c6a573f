#include "os/own_image.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "os/file.h"

namespace upkeep::os {
namespace {

const int kConstants[] = {3, 1, 4, 1, 5};
int variable = 42;
int twice(int value) { return 2 * value; }
const std::function<int(int)> kRelocated = twice;

TEST(OwnImage, CodeConstantsAndWhatWasWrittenAreStillThere) {
  variable = 43;
  EXPECT_GT(unmap_own_code(), 0u);
  EXPECT_EQ(variable, 43);
  EXPECT_EQ(kConstants[4], 5);
  EXPECT_EQ(kRelocated(21), 42);
  EXPECT_TRUE(read_file("/proc/self/maps").has_value());
}

}  // namespace
}  // namespace upkeep::os
