// New seeds, one after another, for a time and with as many threads as the environment says:
//
//   UPKEEP_SIM_SECONDS   how long; default 10
//   UPKEEP_SIM_THREADS   default 1
//   UPKEEP_SIM_BASE      the seeds are this, this + 1, ...; default: from the clock
//
// A crash prints the seeds that were running.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "simulation/count.h"

namespace upkeep::simulation {

struct FreshSeeds {
  std::uint64_t base = 0, seeds = 0;
  Count count;
  std::optional<std::uint64_t> failed{};
  std::string text() const;
};

FreshSeeds run_fresh_seeds();

}  // namespace upkeep::simulation
