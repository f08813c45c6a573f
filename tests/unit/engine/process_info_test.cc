// The words of Supervisor's rpcinterface.py _interpretProcessInfo().
#include "engine/process_info.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <optional>

namespace upkeep::engine {
namespace {

using core::State;

constexpr std::int64_t kHour = 60 * 60, kDay = 24 * kHour;
constexpr std::int64_t kEarlyOnNewYear = 1767226200;  // 2026-01-01 00:10:00 UTC

class DescribeTest : public testing::Test {
 protected:
  DescribeTest() {
    if (const char* zone = std::getenv("TZ")) before_ = zone;
    set_zone("UTC0");
  }
  ~DescribeTest() override {
    if (before_) {
      set_zone(before_->c_str());
    } else {
      ::unsetenv("TZ");
      ::tzset();
    }
  }
  static void set_zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  static std::string running_for(std::int64_t seconds) {
    ProcessInfo info;
    info.state = State::Running;
    info.pid = 123;
    info.start = 1'000'000;
    info.now = info.start + seconds;
    return describe(info);
  }
  static std::string ended_at(std::int64_t stop, State state = State::Exited) {
    ProcessInfo info;
    info.state = state;
    info.start = 1;
    info.stop = stop;
    return describe(info);
  }

 private:
  std::optional<std::string> before_;
};

TEST_F(DescribeTest, RunningTellsPidAndUptime) {
  EXPECT_EQ(running_for(0), "pid 123, uptime 0:00:00");
  EXPECT_EQ(running_for(5), "pid 123, uptime 0:00:05");
  EXPECT_EQ(running_for(11 * kHour + 4 * 60 + 5), "pid 123, uptime 11:04:05");
  EXPECT_EQ(running_for(kDay - 1), "pid 123, uptime 23:59:59");
  EXPECT_EQ(running_for(kDay + 5), "pid 123, uptime 1 day, 0:00:05");
  EXPECT_EQ(running_for(2 * kDay + 3 * kHour + 4 * 60 + 5), "pid 123, uptime 2 days, 3:04:05");
  EXPECT_EQ(running_for(400 * kDay), "pid 123, uptime 400 days, 0:00:00");
}

TEST_F(DescribeTest, AClockThatWentBackwardsIsNoUptime) { EXPECT_EQ(running_for(-3), "pid 123, uptime 0:00:00"); }

TEST_F(DescribeTest, FailuresTellTheirReason) {
  for (const State state : {State::Fatal, State::Backoff}) {
    ProcessInfo info;
    info.state = state;
    info.name = "cat";
    info.group = "pets";
    info.start = 1;
    EXPECT_EQ(describe(info), "unknown error (try \"tail cat\")");
    info.spawn_error = "can't find command 'x'";
    EXPECT_EQ(describe(info), "can't find command 'x'");
  }
}

TEST_F(DescribeTest, EndedProcessesTellWhen) {
  for (const State state : {State::Stopped, State::Exited}) {
    EXPECT_EQ(ended_at(kEarlyOnNewYear, state), "Jan 01 12:10 AM");
    EXPECT_EQ(ended_at(kEarlyOnNewYear + 9 * kHour, state), "Jan 01 09:10 AM");
    EXPECT_EQ(ended_at(kEarlyOnNewYear + 12 * kHour, state), "Jan 01 12:10 PM");
    EXPECT_EQ(ended_at(kEarlyOnNewYear + 23 * kHour - 9 * kDay, state), "Dec 23 11:10 PM");
  }
}

TEST_F(DescribeTest, TimesAreLocal) {
  set_zone("XXX-2");
  EXPECT_EQ(ended_at(kEarlyOnNewYear), "Jan 01 02:10 AM");
  set_zone("XXX5");
  EXPECT_EQ(ended_at(kEarlyOnNewYear), "Dec 31 07:10 PM");
}

TEST_F(DescribeTest, NeverStarted) {
  ProcessInfo info;
  EXPECT_EQ(describe(info), "Not started");
  info.state = State::Exited;
  EXPECT_EQ(describe(info), "Not started");
}

TEST_F(DescribeTest, AStartThatNeverForkedEndedInSupervisorsYearZero) {
  EXPECT_EQ(ended_at(0, State::Stopped), "Jan 01 12:00 AM");
}

TEST_F(DescribeTest, StatesThatPassSayNothing) {
  for (const State state : {State::Starting, State::Stopping, State::Unknown}) {
    ProcessInfo info;
    info.state = state;
    info.pid = 123;
    info.start = 1;
    info.spawn_error = "old";
    EXPECT_EQ(describe(info), "") << core::name_of(state);
  }
}

TEST(SecondsOf, CutsOff) {
  EXPECT_EQ(seconds_of(WallTime{}), 0);
  EXPECT_EQ(seconds_of(WallTime{std::chrono::milliseconds{41'999}}), 41);
}

}  // namespace
}  // namespace upkeep::engine
