// What a supervised service directory says of itself in byte 18 of its status record: daemontools-encore's states, with
// its numbers.
#pragma once

#include <cstdint>

namespace upkeep {

enum class ServiceState : std::uint8_t {
  Stopped = 0,
  Starting = 1,
  Started = 2,
  Running = 3,
  Stopping = 4,
  Failed = 5
};

}  // namespace upkeep
