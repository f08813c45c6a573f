// In processes of their own, as a watchdog ends the whole process.
#include "engine/watchdog.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>

#include "os/crash_trace.h"

namespace upkeep::engine {
namespace {

constexpr Duration kLimit = std::chrono::milliseconds{300};

// What each of the processes below does; a turn that hangs never returns.
class Life {
 public:
  Life() {
    const rlimit no_core{0, 0};
    (void)::setrlimit(RLIMIT_CORE, &no_core);
    ::alarm(30);  // should the watchdog sleep
  }
  void work() { loop_.turn(Duration{0}); }
  void hang() {
    loop_.defer([] {
      for (;;) ::pause();
    });
    loop_.turn();
  }
  void wait() { loop_.turn(2 * kLimit); }
  void begin_turn() { loop_.on_turn_begin(); }
  bool is_watched() const { return loop_.on_turn_begin || loop_.on_turn_end; }
  void dismiss() { watchdog_.reset(); }

 private:
  os::Loop loop_;
  std::optional<Watchdog> watchdog_{std::in_place, loop_, kLimit};
};

TEST(WatchdogDeathTest, EndsAHangingTurn) { EXPECT_EXIT(Life{}.hang(), testing::KilledBySignal(SIGABRT), ""); }

TEST(WatchdogDeathTest, SaysInTheTraceWhatHappened) {
  EXPECT_EXIT(
      {
        os::arm_crash_trace("engine");
        Life{}.hang();
      },
      testing::KilledBySignal(SIGABRT),
      "engine: SIGABRT \\(a turn took longer than 10 s\\) build id [0-9a-f]+, version ");
}

TEST(WatchdogDeathTest, EndsATurnThatHangsAfterGoodOnes) {
  EXPECT_EXIT(
      {
        Life life;
        for (int i = 0; i < 100; ++i) life.work();
        life.hang();
      },
      testing::KilledBySignal(SIGABRT), "");
}

TEST(WatchdogDeathTest, SparesALoopThatWaits) {
  EXPECT_EXIT(
      {
        Life life;
        life.work();
        life.wait();
        std::_Exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(WatchdogDeathTest, IsGoneWithItsOwner) {
  EXPECT_EXIT(
      {
        Life life;
        life.begin_turn();
        life.dismiss();
        life.wait();
        std::_Exit(life.is_watched() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace upkeep::engine
