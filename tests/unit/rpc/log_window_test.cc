#include "rpc/log_window.h"

#include <gtest/gtest.h>

#include <limits>

namespace upkeep::rpc {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(ReadWindow, MatchesSupervisor) {
  EXPECT_EQ(read_window(10, -3, 1), std::nullopt);
  EXPECT_EQ(read_window(10, -3, -1), std::nullopt);
  EXPECT_EQ(read_window(10, 0, -1), std::nullopt);
  EXPECT_EQ(read_window(10, -3, 0), (LogWindow{7, 3}));
  EXPECT_EQ(read_window(10, -30, 0), (LogWindow{0, 10}));
  EXPECT_EQ(read_window(10, 0, 0), (LogWindow{0, 10}));
  EXPECT_EQ(read_window(10, 4, 0), (LogWindow{4, 6}));
  EXPECT_EQ(read_window(10, 4, 2), (LogWindow{4, 2}));
  EXPECT_EQ(read_window(10, 8, 5), (LogWindow{8, 2}));
  EXPECT_EQ(read_window(10, 10, 5)->length, 0);
  EXPECT_EQ(read_window(10, 99, 0)->length, 0);
  EXPECT_EQ(read_window(0, -5, 0), (LogWindow{0, 0}));
}

TEST(ReadWindow, SurvivesExtremes) {
  EXPECT_EQ(read_window(10, kMin, 0), (LogWindow{0, 10}));
  EXPECT_EQ(read_window(10, kMax, kMax)->length, 0);
  EXPECT_EQ(read_window(10, 1, kMax), (LogWindow{1, 9}));
  EXPECT_EQ(read_window(kLogBytesMax + 5, 0, 0), (LogWindow{0, kLogBytesMax}));
  EXPECT_EQ(read_window(kLogBytesMax + 5, kMin, 0), (LogWindow{5, kLogBytesMax}));
}

TEST(TailWindow, MatchesSupervisor) {
  EXPECT_EQ(tail_window(8, 0, 4), (LogTail{{4, 4}, true}));
  EXPECT_EQ(tail_window(10, 5, 6), (LogTail{{4, 6}, false}));
  EXPECT_EQ(tail_window(10, 5, 10), (LogTail{{0, 10}, false}));
  EXPECT_EQ(tail_window(10, 0, 10), (LogTail{{0, 10}, false}));
  EXPECT_EQ(tail_window(10, 0, 100), (LogTail{{0, 10}, false}));
  EXPECT_EQ(tail_window(10, 10, 4), (LogTail{{10, 0}, false}));
  EXPECT_EQ(tail_window(10, 99, 4), (LogTail{{10, 0}, false}));
  EXPECT_EQ(tail_window(10, 0, 0), (LogTail{{10, 0}, true}));
  EXPECT_EQ(tail_window(10, 0, -1), (LogTail{{10, 0}, true}));
  EXPECT_EQ(tail_window(10, -20, 4), (LogTail{{6, 4}, true}));
  EXPECT_EQ(tail_window(0, 0, 4), (LogTail{{0, 0}, false}));
}

TEST(TailWindow, SurvivesExtremes) {
  EXPECT_EQ(tail_window(10, kMax, kMax), (LogTail{{10, 0}, false}));
  EXPECT_EQ(tail_window(10, kMin, kMin), (LogTail{{10, 0}, true}));
  EXPECT_EQ(tail_window(10, 0, kMax), (LogTail{{0, 10}, false}));
}

}  // namespace
}  // namespace upkeep::rpc
