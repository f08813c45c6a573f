// A history that fails, with fewer troubles: what is left out must not be needed for it to fail.
#pragma once

#include <set>
#include <string>

#include "simulation/simulation.h"

namespace upkeep::simulation {

struct ShorterHistory {
  Simulation::Choice choice;  // with what is to be skipped
  std::string violation, trace;
  std::size_t troubles = 0;  // that are left
};

// `failing` fails. At most `tries` runs.
ShorterHistory shorten(Simulation::Choice failing, int tries = 200);

// The text of `skipped` for UPKEEP_SKIP and back: "0-4,7".
std::string write_numbers(const std::set<int>& numbers);
std::set<int> read_numbers(const std::string& text);

}  // namespace upkeep::simulation
