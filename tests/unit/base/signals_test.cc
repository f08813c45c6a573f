#include "base/signals.h"

#include <gtest/gtest.h>

#include <csignal>

#include "base/exit_status.h"

namespace upkeep {
namespace {

TEST(Signals, AreNamedAsSupervisorNamesThem) {
  EXPECT_EQ(signal_name(SIGTERM), "SIGTERM");
  EXPECT_EQ(signal_name(29), "SIGPOLL");
  EXPECT_EQ(signal_name(34), "SIGRTMIN");
  EXPECT_EQ(signal_name(64), "SIGRTMAX");
  EXPECT_EQ(signal_name(35), "signal 35");
}

TEST(Signals, AreFoundInAnyCaseWithOrWithoutPrefix) {
  EXPECT_EQ(signal_from_name("hup"), SIGHUP);
  EXPECT_EQ(signal_from_name("SigUsr2"), SIGUSR2);
  EXPECT_EQ(signal_from_name("CLD"), SIGCHLD);
  for (const char* bad : {"", "SIG", "NOPE", "HUPX", "15"}) EXPECT_EQ(signal_from_name(bad), std::nullopt) << bad;
}

TEST(Signals, OnlyNamedNumbersMayBeAskedFor) {
  for (const int good : {0, 1, 31, 34, 64}) EXPECT_TRUE(is_named_signal(good)) << good;
  for (const int bad : {-1, 32, 33, 35, 63, 65}) EXPECT_FALSE(is_named_signal(bad)) << bad;
}

TEST(ExitStatus, IsReadFromWaitAndDescribed) {
  EXPECT_EQ(ExitStatus::from_wait(3 << 8).describe(), "exit status 3");
  EXPECT_EQ(ExitStatus::from_wait(SIGTERM).describe(), "terminated by SIGTERM");
  EXPECT_EQ(ExitStatus::from_wait(SIGSEGV | 0x80).describe(), "terminated by SIGSEGV (core dumped)");
  EXPECT_EQ(ExitStatus{}.describe(), "unknown termination cause 0x0000");
}

TEST(ExitStatus, CodeIsMinusOneForAllButExits) {
  EXPECT_EQ(ExitStatus::from_wait(3 << 8).code(), 3);
  EXPECT_EQ(ExitStatus::from_wait(SIGKILL).code(), -1);
  EXPECT_EQ(ExitStatus{}.code(), -1);
}

}  // namespace
}  // namespace upkeep
