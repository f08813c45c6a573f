// Chance from a seed: the same seed gives the same run. Draws are made by our own arithmetic, so that a seed means the
// same with every standard library.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "base/time.h"

namespace upkeep::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  // Another source for each `number`: what is drawn from one does not change what comes out of the others.
  static Random numbered(std::uint64_t seed, std::uint64_t number) {
    std::uint64_t mixed = seed + (number + 1) * 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    return Random{mixed ^ (mixed >> 31)};
  }

  int below(int limit) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(limit)); }
  bool one_in(int chances) { return below(chances) == 0; }
  Duration up_to(Duration most) {
    return Duration{static_cast<Duration::rep>(engine_() % static_cast<std::uint64_t>(most.count() + 1))};
  }
  template <class T>
  const T& pick(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(below(static_cast<int>(values.size())))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace upkeep::simulation
