#include "core/essential.h"

#include <gtest/gtest.h>

#include <csignal>

namespace upkeep::core {
namespace {

using Kind = ExitStatus::Kind;

const ExitStatus kThree{Kind::Exited, 3, false};
const ExitStatus kWell{Kind::Exited, 0, false};
const ExitStatus kKilled{Kind::Signalled, SIGKILL, false};

TEST(Essential, AnExitForGoodGivesItsCode) {
  EXPECT_EQ(final_exit_code(Exited{kThree, {}}, kThree), 3);
  EXPECT_EQ(final_exit_code(Exited{kWell, {}}, kWell), 0);
  EXPECT_EQ(final_exit_code(Exited{kKilled, {}}, kKilled), 137);
  EXPECT_EQ(final_exit_code(Exited{ExitStatus{}, {}}, {}), 1) << "nobody knows how it ended";
  EXPECT_EQ(final_exit_code(Exited{kThree, {}}, kWell), 3) << "the phase knows best";
}

TEST(Essential, GivingUpIsNeverSuccess) {
  const Fatal too_quick{std::string{kExitedTooQuickly}};
  EXPECT_EQ(final_exit_code(too_quick, kThree), 3);
  EXPECT_EQ(final_exit_code(too_quick, kKilled), 137);
  EXPECT_EQ(final_exit_code(too_quick, kWell), 1);
  EXPECT_EQ(final_exit_code(too_quick, {}), 1);
  EXPECT_EQ(final_exit_code(Fatal{"can't find command 'x'"}, kThree), 1) << "the last start led to no child";
}

TEST(Essential, NothingElseIsAnEnd) {
  for (const Phase& phase : std::initializer_list<Phase>{Stopped{}, Starting{}, Running{}, Stopping{}, Backoff{},
                                                         Unknown{}, Exited{kThree, Instant{}}})
    EXPECT_EQ(final_exit_code(phase, kThree), std::nullopt) << phase.index();
}

}  // namespace
}  // namespace upkeep::core
