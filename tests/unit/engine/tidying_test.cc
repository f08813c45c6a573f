#include "engine/tidying.h"

#include <gtest/gtest.h>

namespace upkeep::engine {
namespace {

class TidyingTest : public testing::Test {
 protected:
  void pass(Duration time) {
    now_ += time;
    loop_.turn(Duration{0});
  }
  void change(std::size_t times, std::size_t processes) {
    for (std::size_t i = 0; i < times; ++i) tidying_.note_change(processes);
  }

  Instant now_{std::chrono::seconds{100}};
  os::Loop loop_{[this] { return now_; }};
  Tidying tidying_{loop_};
};

TEST_F(TidyingTest, ARestartNowAndThenIsNotWorthIt) {
  change(Tidying::kChangesMin - 1, 1);
  EXPECT_EQ(tidying_.next_deadline(), std::nullopt);
}

TEST_F(TidyingTest, ComesOnceABurstIsOver) {
  change(Tidying::kChangesMin, 10);
  EXPECT_EQ(tidying_.next_deadline(), loop_.now() + Tidying::kQuiet);
  pass(Tidying::kQuiet / 2);
  change(1, 10);
  EXPECT_EQ(tidying_.next_deadline(), loop_.now() + Tidying::kQuiet) << "there is more";
  pass(Tidying::kQuiet);
  EXPECT_EQ(tidying_.next_deadline(), std::nullopt) << "done, and nothing wakes an idle daemon again";
  change(1, 10);
  EXPECT_EQ(tidying_.next_deadline(), std::nullopt);
}

TEST_F(TidyingTest, WhatABurstIsGrowsWithTheNumberOfProcesses) {
  change(4 * Tidying::kChangesMin - 1, 16 * Tidying::kChangesMin);
  EXPECT_EQ(tidying_.next_deadline(), std::nullopt);
  change(1, 16 * Tidying::kChangesMin);
  EXPECT_NE(tidying_.next_deadline(), std::nullopt);
}

TEST_F(TidyingTest, ComesAfterWorkThatIsABurstByItself) {
  tidying_.ask();
  pass(Tidying::kQuiet);
  EXPECT_EQ(tidying_.next_deadline(), std::nullopt);
}

}  // namespace
}  // namespace upkeep::engine
