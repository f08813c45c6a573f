#include "daemontools/status_line.h"

#include <gtest/gtest.h>

namespace upkeep::daemontools {
namespace {

constexpr std::uint64_t kNow = 4611686020222222222u;

wire::StatusRecord record(std::uint32_t pid, char want, bool paused = false) {
  wire::StatusRecord made;
  made.since = {kNow - 7, 999999999};
  made.pid = pid;
  made.want = want;
  made.paused = paused;
  return made;
}

std::string status_line(const wire::StatusRecord& of, bool normally_up, std::uint64_t now, Dialect dialect) {
  std::string text = "x: ";
  append_status_line(text, of, normally_up, now, dialect);
  return text.substr(3);
}

std::string original(const wire::StatusRecord& of, bool normally_up) {
  return status_line(of, normally_up, kNow, Dialect::Original);
}

TEST(StatusLine, OfAServiceThatIsUp) {
  EXPECT_EQ(original(record(1, 'u'), true), "up (pid 1) 7 seconds");
  EXPECT_EQ(original(record(1, 'u'), false), "up (pid 1) 7 seconds, normally down");
  EXPECT_EQ(original(record(4294967295u, 'd', true), false),
            "up (pid 4294967295) 7 seconds, normally down, paused, want down");
  EXPECT_EQ(original(record(1, 0), true), "up (pid 1) 7 seconds");
}

TEST(StatusLine, OfAServiceThatIsDown) {
  EXPECT_EQ(original(record(0, 'd'), false), "down 7 seconds");
  EXPECT_EQ(original(record(0, 'u', true), true), "down 7 seconds, normally up, want up");
  EXPECT_EQ(original(record(0, 0), true), "down 7 seconds, normally up");
}

TEST(StatusLine, IsNeverNegativeAndCountsWholeSeconds) {
  auto future = record(0, 'd');
  future.since.seconds = kNow + 5;
  EXPECT_EQ(original(future, false), "down 0 seconds");
  future.since.seconds = kNow - 1;
  EXPECT_EQ(original(future, false), "down 1 seconds");
}

TEST(StatusLine, ShowsEncoresStatesInItsDialectOnly) {
  const char* words[] = {"stopped", "starting", "started", "running", "stopping", "failed", "status unknown"};
  for (std::uint8_t state = 0; state < 7; ++state) {
    auto with_state = record(1, 'u');
    with_state.state = state;
    EXPECT_EQ(status_line(with_state, true, kNow, Dialect::Encore),
              std::string{"up (pid 1) 7 seconds, "} + words[state]);
    EXPECT_EQ(original(with_state, true), "up (pid 1) 7 seconds");
  }
  EXPECT_EQ(status_line(record(1, 0), true, kNow, Dialect::Encore), "up (pid 1) 7 seconds") << "18 bytes";
}

TEST(StatusLine, ShowsOnceInEncore) {
  auto once = record(1, 0);
  once.state = 3;
  EXPECT_EQ(status_line(once, false, kNow, Dialect::Encore), "up (pid 1) 7 seconds, normally down, once, running");
  once.pid = 0;
  EXPECT_EQ(status_line(once, false, kNow, Dialect::Encore), "down 7 seconds, running");
}

}  // namespace
}  // namespace upkeep::daemontools
