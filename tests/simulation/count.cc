#include "simulation/count.h"

#include <fmt/core.h>

namespace upkeep::simulation {

Count& Count::operator+=(const Count& other) {
  for (const auto member : {&Count::runs,         &Count::events,     &Count::messages,
                            &Count::engines,      &Count::keepers,    &Count::keepers_killed_in_a_hang,
                            &Count::forks,        &Count::signals,    &Count::letters,
                            &Count::restarts,     &Count::last_wills, &Count::reloads,
                            &Count::added,        &Count::removed,    &Count::refused,
                            &Count::facts_only,   &Count::upgrades,   &Count::rolled_back,
                            &Count::full_sockets, &Count::jumps,      &Count::dropped_bytes,
                            &Count::log_bytes})
    this->*member += other.*member;
  for (const auto member : {&Count::outbox_max, &Count::descriptors_max, &Count::messages_per_event_max})
    this->*member = std::max(this->*member, other.*member);
  return *this;
}

std::string Count::text() const {
  return fmt::format(
      "{} histories: {} events, {} messages, {} engines ({} by facts alone), {} keepers killed ({} of them in a hang "
      "of "
      "the engine), {} upgrades, {} rolled back, {} forks, {} refused ones, {} signals, {} letters, {} restarts, {} "
      "ended by last wills, {} reloads, "
      "{} groups added, {} removed, {} times a full socket, {} jumps of clocks, {} bytes logged, {} dropped and "
      "counted; "
      "at most {} messages in the keeper's outbox, {} for one event, {} descriptors",
      runs, events, messages, engines, facts_only, keepers, keepers_killed_in_a_hang, upgrades, rolled_back, forks,
      refused, signals, letters, restarts, last_wills, reloads, added, removed, full_sockets, jumps, log_bytes,
      dropped_bytes, outbox_max, messages_per_event_max, descriptors_max);
}

}  // namespace upkeep::simulation
