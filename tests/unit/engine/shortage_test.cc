#include "engine/shortage.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

namespace upkeep::engine {
namespace {

using wire::SpawnStage;

std::string wanting(SpawnStage stage, int error, const SpawnLimits& limits = {}) {
  return shortage_behind({"a:a", 1, stage, error}, 17, limits).value_or("");
}

TEST(Shortage, NamesWhatIsWantingAndWhoseLimitItIs) {
  EXPECT_EQ(wanting(SpawnStage::Pipes, EMFILE, {64, 10}),
            "file descriptors: the limit of pid 17, RLIMIT_NOFILE, is 64 (see minfds)");
  EXPECT_EQ(wanting(SpawnStage::Pipes, ENFILE), "file descriptors: the system has no more (fs.file-max)");
  EXPECT_EQ(wanting(SpawnStage::Fork, ENOMEM), "memory");
  EXPECT_EQ(
      wanting(SpawnStage::Fork, EAGAIN, {64, 10}),
      "processes: the limit of the user, RLIMIT_NPROC, is 10; those of the control group (pids.max) and of the system "
      "(kernel.pid_max) may be lower");
  EXPECT_NE(wanting(SpawnStage::Fork, EAGAIN, {{}, RLIM_INFINITY}).find("is unlimited;"), std::string::npos);
  EXPECT_NE(wanting(SpawnStage::Fork, EAGAIN).find("is not known;"), std::string::npos);
}

TEST(Shortage, IsNoneOfTheOtherFailures) {
  EXPECT_EQ(wanting(SpawnStage::Fork, EPERM), "");
  EXPECT_EQ(wanting(SpawnStage::Pipes, EAGAIN), "");
}

TEST(Shortage, LimitsAreThoseOfTheProcess) {
  rlimit own{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &own), 0);
  EXPECT_EQ(limits_of(::getpid()).files, own.rlim_cur);
}

}  // namespace
}  // namespace upkeep::engine
