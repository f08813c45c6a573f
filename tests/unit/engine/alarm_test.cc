#include "engine/alarm.h"

#include <gtest/gtest.h>

namespace upkeep::engine {
namespace {

using namespace std::chrono_literals;

TEST(Alarm, GoesAwayByItselfAndSaysSo) {
  Instant now{1000s};
  os::Loop loop{[&] { return now; }};
  int ends = 0;
  Alarm alarm{loop, [&] { ++ends; }};
  EXPECT_EQ(alarm.text(), "");
  alarm.raise("engines kept failing");
  now += kAlarmTime - 1ns;
  loop.turn(0s);
  EXPECT_EQ(alarm.text(), "engines kept failing");
  now += 1ns;
  loop.turn(0s);
  EXPECT_EQ(alarm.text(), "");
  now += 2 * kAlarmTime;
  loop.turn(0s);
  EXPECT_EQ(ends, 1);
}

TEST(Alarm, TheTimeBeginsAnewWithEach) {
  Instant now{1000s};
  os::Loop loop{[&] { return now; }};
  Alarm alarm{loop, [] {}};
  alarm.raise("one");
  now += kAlarmTime - 1s;
  loop.turn(0s);
  alarm.raise("two");
  now += kAlarmTime - 1s;
  loop.turn(0s);
  EXPECT_EQ(alarm.text(), "two");
}

}  // namespace
}  // namespace upkeep::engine
