// Keeper and engine under a virtual clock: seeds that once failed or are worth keeping, then fresh ones for as long as
// the environment says. A failure prints its seed and a shortened history. docs/simulation.md tells of the variables.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "simulation/fresh_seeds.h"
#include "simulation/shorten.h"

namespace upkeep::simulation {
namespace {

constexpr std::uint64_t kFixedSeeds = 60;
constexpr std::uint64_t kSeedsUntilCaught = 400;

const char* setting(const char* name) { return std::getenv(name); }

std::string story(const Simulation::Choice& failing) {
  const ShorterHistory shorter = shorten(failing);
  std::string text = fmt::format("{}\n{}\nrepeat with UPKEEP_SEED={}", shorter.trace, shorter.violation, failing.seed);
  if (!shorter.choice.skipped.empty())
    text += fmt::format("\nor, shortened to {} troubles as above, with UPKEEP_SEED={} UPKEEP_SKIP={}", shorter.troubles,
                        failing.seed, write_numbers(shorter.choice.skipped));
  return text;
}

TEST(KeeperEngine, HoldsForTheFixedSeeds) {
  if (setting("UPKEEP_SEED")) GTEST_SKIP() << "a single seed is asked for";
  Count total;
  for (std::uint64_t seed = 1; seed <= kFixedSeeds; ++seed) {
    Simulation simulation{{seed}};
    if (simulation.run()) FAIL() << story({seed});
    total += simulation.count();
  }
  std::printf("%s\n", total.text().c_str());
  // A simulation in which little happens would hold as well.
  EXPECT_GT(total.engines, total.runs * 5);
  EXPECT_GT(total.keepers, total.runs * 2);
  EXPECT_GT(total.keepers_killed_in_a_hang, 0);
  EXPECT_GT(total.forks, total.runs * 10);
  EXPECT_GT(total.letters, total.runs);
  EXPECT_GT(total.restarts, 0);
  EXPECT_GT(total.last_wills, 0);
  EXPECT_GT(total.facts_only, 0);
  EXPECT_GT(total.full_sockets, total.runs);
  EXPECT_GT(total.jumps, 0);
  EXPECT_GT(total.upgrades, 0);
  EXPECT_GT(total.rolled_back, 0);
  EXPECT_GT(total.dropped_bytes, 0);
  EXPECT_GT(total.reloads, total.runs);
  EXPECT_GT(total.added, total.runs / 2);
  EXPECT_GT(total.removed, total.runs / 2);
}

TEST(KeeperEngine, HoldsForFreshSeeds) {
  if (const char* seed = setting("UPKEEP_SEED")) {
    Simulation::Choice choice{std::strtoull(seed, nullptr, 10)};
    if (const char* skipped = setting("UPKEEP_SKIP")) choice.skipped = read_numbers(skipped);
    Simulation simulation{choice};
    const auto violation = simulation.run();
    std::printf("%s\n", simulation.count().text().c_str());
    if (violation) ADD_FAILURE() << simulation.trace() << "\n" << *violation;
    return;
  }
  const FreshSeeds fresh = run_fresh_seeds();
  std::printf("%s\n", fresh.text().c_str());
  if (fresh.failed) FAIL() << story({*fresh.failed});
}

// Whatever is shown as a date, nothing may depend on it; and a seed is a history.
TEST(KeeperEngine, TheWallClockDecidesNothing) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Simulation with{{.seed = seed}}, without{{.seed = seed, .wall_clock_jumps = false}};
    ASSERT_EQ(with.run(), without.run());
    ASSERT_EQ(with.trace(), without.trace());
  }
}

// The simulation is worth its time only if it would notice.
class Defects : public testing::TestWithParam<Defect> {};

TEST_P(Defects, AreCaught) {
#ifdef UPKEEP_SANITIZED
  // This tries the simulation, not the product; two that are rare take hundreds of runs.
  if (GetParam() == Defect::SignalsByNumber || GetParam() == Defect::HeirForgotten) GTEST_SKIP() << "takes minutes";
#endif
  for (std::uint64_t seed = 1; seed <= kSeedsUntilCaught; ++seed) {
    Simulation simulation{{.seed = seed, .defect = GetParam()}};
    if (const auto violation = simulation.run()) {
      std::printf("caught with seed %d: %s\n", static_cast<int>(seed), violation->c_str());
      return;
    }
  }
  FAIL() << "not noticed in " << kSeedsUntilCaught << " runs";
}

INSTANTIATE_TEST_SUITE_P(Simulation, Defects,
                         testing::Values(Defect::ExitForgotten, Defect::SignalForgotten, Defect::SecondCopyAllowed,
                                         Defect::ReadsWhileFull, Defect::SpoolForgotten, Defect::DropsAtOnce,
                                         Defect::DropsUncounted, Defect::GatesOpenAtOnce, Defect::ChannelsKept,
                                         Defect::SignalsByNumber, Defect::HeirForgotten, Defect::SpawnWithoutNote,
                                         Defect::ReleaseWithOldNote, Defect::SignalBeforeNote, Defect::NotesIgnored,
                                         Defect::StopsEverythingAtOnce, Defect::GroupsForgotten,
                                         Defect::RemovedNotesLeft, Defect::NotesForEver, Defect::LettersTakenFirst,
                                         Defect::DepositsLeft));

TEST(Shorten, NumbersAreWrittenAsRanges) {
  const std::set<int> numbers{0, 1, 2, 3, 7, 9, 10};
  EXPECT_EQ(write_numbers(numbers), "0-3,7,9-10");
  EXPECT_EQ(read_numbers("0-3,7,9-10"), numbers);
  EXPECT_EQ(write_numbers({}), "");
}

TEST(Shorten, AHistoryThatFailsStillFails) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Simulation::Choice choice{.seed = seed, .defect = Defect::SecondCopyAllowed};
    Simulation simulation{choice};
    if (!simulation.run() || simulation.troubles().size() < 5) continue;
    const ShorterHistory shorter = shorten(choice, 40);
    EXPECT_FALSE(shorter.violation.empty());
    EXPECT_LT(shorter.troubles, simulation.troubles().size());
    Simulation again{shorter.choice};
    EXPECT_EQ(again.run(), shorter.violation) << "it does not replay";
    EXPECT_EQ(again.trace(), shorter.trace);
    return;
  }
  FAIL() << "the defect is not noticed";
}

}  // namespace
}  // namespace upkeep::simulation
