#include "core/policy.h"

#include <gtest/gtest.h>

namespace upkeep::core {
namespace {

using Kind = ExitStatus::Kind;

TEST(Policy, ExpectsOnlyItsExitCodes) {
  const Policy policy{.exit_codes = {0, 2}};
  EXPECT_TRUE(policy.expects({Kind::Exited, 2, false}));
  EXPECT_FALSE(policy.expects({Kind::Exited, 1, false}));
  EXPECT_FALSE(policy.expects({Kind::Signalled, 2, false}));  // the number of SIGINT is no exit code
  EXPECT_FALSE(policy.expects({}));
}

TEST(Policy, RestartsAsTold) {
  const ExitStatus good{Kind::Exited, 0, false};
  const ExitStatus bad{Kind::Exited, 1, false};
  EXPECT_FALSE(Policy{.restart = Restart::Never}.wants_restart(bad));
  EXPECT_FALSE(Policy{.restart = Restart::Unexpected}.wants_restart(good));
  EXPECT_TRUE(Policy{.restart = Restart::Unexpected}.wants_restart(bad));
  EXPECT_TRUE(Policy{.restart = Restart::Always}.wants_restart(good));
}

TEST(Policy, WaitsGrowByOneStepAFailure) {
  using namespace std::chrono_literals;
  EXPECT_EQ(Policy{}.backoff(3), 3s);
  EXPECT_EQ(Policy{.backoff_step = 0s}.backoff(3), 0s);
  EXPECT_EQ(Policy{.backoff_step = Duration::max()}.backoff(3), Duration::max());
}

TEST(Later, EndsAtTheEndOfTime) {
  using namespace std::chrono_literals;
  EXPECT_EQ(later(Instant{1s}, 2s), Instant{3s});
  EXPECT_EQ(later(Instant{1s}, Duration::max()), Instant::max());
}

}  // namespace
}  // namespace upkeep::core
