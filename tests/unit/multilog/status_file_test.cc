#include "multilog/status_file.h"

#include <gtest/gtest.h>

namespace upkeep::multilog {
namespace {

TEST(StatusFile, IsAlwaysOfOneLength) {
  EXPECT_EQ(status_text("line"), "line" + std::string(997, '\n'));
  EXPECT_EQ(status_text(""), std::string(1001, '\n'));
  EXPECT_EQ(status_text(std::string(1500, 'x')), std::string(1000, 'x') + "\n");
}

}  // namespace
}  // namespace upkeep::multilog
