// Two clocks, two types. Waits and deadlines use Instant; what people read uses WallTime. Never mixed.
#pragma once

#include <chrono>

namespace upkeep {

using Duration = std::chrono::nanoseconds;
// CLOCK_MONOTONIC: the same in every process of a boot.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;  // CLOCK_REALTIME: may jump

inline WallTime wall_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }
inline Instant monotonic_now() { return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()); }

}  // namespace upkeep
