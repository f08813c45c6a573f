// Chance from a seed: the same seed gives the same run.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "base/time.h"

namespace upkeep::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

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
