// In processes of their own, as every trace is the last thing a process does.
#include "os/crash_trace.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "fakes/temporary_folder.h"
#include "os/file.h"

namespace upkeep::os {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::string stamp(std::int64_t ms, long offset) { return std::string{CrashText{}.stamp(ms, offset).view()}; }

TEST(CrashText, KnowsTheCalendar) {
  EXPECT_EQ(stamp(0, 0), "1970-01-01 00:00:00,000");
  EXPECT_EQ(stamp(951'782'399'999, 0), "2000-02-28 23:59:59,999");
  EXPECT_EQ(stamp(951'868'799'001, 0), "2000-02-29 23:59:59,001");
  EXPECT_EQ(stamp(951'868'800'000, 0), "2000-03-01 00:00:00,000");
  EXPECT_EQ(stamp(1'798'761'599'000, 0), "2026-12-31 23:59:59,000");
  EXPECT_EQ(stamp(1'798'761'599'000, 3600), "2027-01-01 00:59:59,000");
  EXPECT_EQ(stamp(4'107'542'400'000, -3600), "2100-02-28 23:00:00,000") << "2100 has no leap day";
}

TEST(CrashText, WritesNumbersAndEndsAtItsEnd) {
  CrashText text;
  text << "a" << -17 << " " << 0LL;
  text.hex(0xdeadbeef);
  EXPECT_EQ(text.view(), "a-17 00xdeadbeef");
  text.clear();
  text << std::string(5000, 'x');
  EXPECT_EQ(text.view(), std::string(text.view().size(), 'x'));
  EXPECT_LT(text.view().size(), 5000U);
}

// A process that writes its trace to a log as well, at a place other than the log's own.
class CrashTraceDeathTest : public testing::Test {
 protected:
  template <class Deed>
  void die(Deed deed, int signal, const char* said) {
    EXPECT_EXIT(live_and_die(deed), testing::KilledBySignal(signal), said);
    const std::string text = fakes::content(log_);
    EXPECT_THAT(text, ContainsRegex("^before\n20[0-9-]+ [0-9:]+,[0-9]+ CRIT engine: SIG[A-Z]+ \\("));
    EXPECT_THAT(text, ContainsRegex("\\) build id [0-9a-f]+, version [0-9.]+, pid [0-9]+\n"));
    EXPECT_THAT(text, ContainsRegex("CRIT engine:   #0 [^ ]*\\+?0x[0-9a-f]+\n"));
    EXPECT_THAT(text, ContainsRegex("CRIT engine:   #[0-9]+ os_tests\\+0x[0-9a-f]+\n")) << "the stack goes on";
  }
  template <class Deed>
  void live_and_die(Deed deed) {
    const rlimit no_core{0, 0};
    (void)::setrlimit(RLIMIT_CORE, &no_core);
    arm_crash_trace("engine");
    const auto log = open_file(log_, O_WRONLY | O_CREAT);
    (void)!::pwrite(log->get(), "before\n", 7, 0);
    set_crash_log(log->get());
    deed();
    std::_Exit(0);
  }
  fakes::TemporaryFolder folder_;
  std::string log_ = folder_ / "log";
};

[[noreturn]] void complain() { throw std::out_of_range{"no such thing"}; }

TEST_F(CrashTraceDeathTest, OfAFault) {
  die([] { *reinterpret_cast<volatile int*>(16) = 1; }, SIGSEGV, "SIGSEGV \\(at address 0x10\\) build id");
}

TEST_F(CrashTraceDeathTest, OfAStackThatOverflows) {
  struct Deep {
    static int down(volatile int* above) {
      volatile int here[1000];
      here[0] = *above + 1;
      if (here[0] < 0) return 0;  // so that the recursion has an end, though none that the stack would live to see
      return down(here) + here[0];
    }
  };
  die(
      [] {
        volatile int zero = 0;
        return Deep::down(&zero);
      },
      SIGSEGV, "SIGSEGV");
}

TEST_F(CrashTraceDeathTest, OfWhatGivesUp) {
  die([] { std::abort(); }, SIGABRT, "SIGABRT \\(it gave up\\)");
}

TEST_F(CrashTraceDeathTest, OfMemoryThatIsNotThere) {
#ifdef UPKEEP_SANITIZED
  GTEST_SKIP() << "the sanitizer's allocator ends the program before its handler is asked";
#endif
  static volatile std::size_t too_much = std::size_t{1} << 62;
  die([] { ::operator delete(::operator new(too_much)); }, SIGABRT, "SIGABRT \\(out of memory\\)");
}

TEST_F(CrashTraceDeathTest, OfAnExceptionThatNobodyCatches) {
  die([]() noexcept { complain(); }, SIGABRT, "SIGABRT \\(no such thing\\)");
}

TEST_F(CrashTraceDeathTest, OfASignalFromOutside) {
  die([] { (void)::raise(SIGFPE); }, SIGFPE, "SIGFPE");
}

TEST_F(CrashTraceDeathTest, NamesTheReasonOfATimer) {
  die(
      [] {
        sigevent event{};
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = SIGABRT;
        event.sigev_value.sival_ptr = const_cast<char*>("it took too long");
        timer_t timer{};
        itimerspec soon{};
        soon.it_value.tv_nsec = 1;
        (void)::timer_create(CLOCK_MONOTONIC, &event, &timer);
        (void)::timer_settime(timer, 0, &soon, nullptr);
        for (;;) ::pause();
      },
      SIGABRT, "SIGABRT \\(it took too long\\)");
}

}  // namespace
}  // namespace upkeep::os
