// Keeper and engine under a virtual clock: seeds that once failed or are worth keeping, then fresh ones for
// UPKEEP_SIM_SECONDS (default 10). A failure prints its seed; UPKEEP_SEED=n runs that one alone.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>

#include "simulation/simulation.h"

namespace upkeep::simulation {
namespace {

constexpr std::uint64_t kFixedSeeds = 150;
constexpr int kSeedsUntilCaught = 400;

std::optional<long long> setting(const char* name) {
  const char* text = std::getenv(name);
  return text ? std::optional{std::atoll(text)} : std::nullopt;
}

Simulation::Count total;

// False after a failure, which is told in full.
bool passes(std::uint64_t seed) {
  Simulation simulation{seed};
  const auto violation = simulation.run();
  total += simulation.count();
  if (!violation) return true;
  ADD_FAILURE() << simulation.trace() << "\n" << *violation << "\nrepeat with UPKEEP_SEED=" << seed;
  return false;
}

void tell_total(int runs) {
  std::printf(
      "%d runs: %d events, %d engines, %d keepers, %d forks, %d signals, %d restarts, %d last wills, %d reloads, %d "
      "groups added, %d removed\n",
      runs, total.events, total.engines, total.keepers, total.forks, total.signals, total.restarts, total.last_wills,
      total.reloads, total.added, total.removed);
}

TEST(KeeperEngine, HoldsForTheFixedSeeds) {
  if (setting("UPKEEP_SEED")) GTEST_SKIP() << "a single seed is asked for";
  total = {};
  int runs = 0;
  for (std::uint64_t seed = 1; seed <= kFixedSeeds; ++seed, ++runs)
    if (!passes(seed)) return;
  tell_total(runs);
  // A simulation in which little happens would hold as well.
  EXPECT_GT(total.engines, runs * 5);
  EXPECT_GT(total.keepers, runs * 2);
  EXPECT_GT(total.forks, runs * 10);
  EXPECT_GT(total.restarts, 0);
  EXPECT_GT(total.last_wills, 0);
  EXPECT_GT(total.reloads, runs);
  EXPECT_GT(total.added, runs);
  EXPECT_GT(total.removed, runs);
}

TEST(KeeperEngine, HoldsForFreshSeeds) {
  if (const auto seed = setting("UPKEEP_SEED")) {
    EXPECT_TRUE(passes(static_cast<std::uint64_t>(*seed)));
    return;
  }
  total = {};
  std::random_device device;
  const Instant end = monotonic_now() + std::chrono::seconds{setting("UPKEEP_SIM_SECONDS").value_or(10)};
  int runs = 0;
  for (; monotonic_now() < end; ++runs)
    if (!passes(device())) return;
  tell_total(runs);
}

// The simulation is worth its time only if it would notice.
class Defects : public testing::TestWithParam<Defect> {};

TEST_P(Defects, AreCaught) {
  for (int seed = 1; seed <= kSeedsUntilCaught; ++seed) {
    Simulation simulation{static_cast<std::uint64_t>(seed), GetParam()};
    if (const auto violation = simulation.run()) {
      std::printf("caught with seed %d: %s\n", seed, violation->c_str());
      return;
    }
  }
  FAIL() << "not noticed in " << kSeedsUntilCaught << " runs";
}

INSTANTIATE_TEST_SUITE_P(Simulation, Defects,
                         testing::Values(Defect::ExitForgotten, Defect::SignalForgotten, Defect::SecondCopyAllowed,
                                         Defect::SpawnWithoutNote, Defect::ReleaseWithOldNote, Defect::NotesIgnored,
                                         Defect::StopsEverythingAtOnce, Defect::GroupsForgotten,
                                         Defect::RemovedNotesLeft));

}  // namespace
}  // namespace upkeep::simulation
