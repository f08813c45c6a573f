// What the daemon as a whole is up to, with the numbers that Supervisor's getState shows.
#pragma once

#include <algorithm>
#include <string_view>

namespace upkeep::core {

enum class Mood : int { ShuttingDown = -1, Restarting = 0, Running = 1 };

constexpr std::string_view name_of(Mood mood) {
  switch (mood) {
    case Mood::ShuttingDown: return "SHUTDOWN";
    case Mood::Restarting: return "RESTARTING";
    case Mood::Running: break;
  }
  return "RUNNING";
}

// Whether processes may start by themselves: the `may_start` of core/process.h.
constexpr bool may_start(Mood mood) { return mood == Mood::Running; }

// The mood after a request: a shutdown replaces a pending restart, never the other way round.
constexpr Mood after_request(Mood mood, Mood asked) { return std::min(mood, asked); }

}  // namespace upkeep::core
