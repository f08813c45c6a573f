// What happened in a run, to see that it was worth its time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

namespace upkeep::simulation {

struct Count {
  std::int64_t runs = 0, events = 0, messages = 0, engines = 0, keepers = 0, keepers_killed_in_a_hang = 0, forks = 0,
               signals = 0, letters = 0, restarts = 0, last_wills = 0, reloads = 0, added = 0, removed = 0, refused = 0,
               facts_only = 0, upgrades = 0, rolled_back = 0, full_sockets = 0, jumps = 0, dropped_bytes = 0,
               log_bytes = 0;
  // The most of anything in one run.
  std::int64_t outbox_max = 0, descriptors_max = 0, messages_per_event_max = 0;

  Count& operator+=(const Count& other);
  std::string text() const;
};

}  // namespace upkeep::simulation
