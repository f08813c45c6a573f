// Names of things that cross layers.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace upkeep {

// One child of one slot: the serial counts the starts of the slot, so a process that ended cannot be mistaken for
// its successor. Only the keeper turns it into a pid.
struct ProcessId {
  std::uint64_t serial = 0;
  auto operator<=>(const ProcessId&) const = default;
};

// One of the three stdio pipes of a process.
enum class Stdio : std::uint8_t { In = 0, Out = 1, Err = 2 };

}  // namespace upkeep
