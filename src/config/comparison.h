// What `reread` reports: the groups of a fresh load against the active ones.
// Source of the behaviour: Supervisor supervisord.py diff_to_active(), options.py __eq__ of the groups and processes.
#pragma once

#include <string>
#include <vector>

#include "config/model.h"

namespace upkeep::config {

struct Comparison {
  std::vector<std::string> added, changed;  // in the start order of the fresh ones
  std::vector<std::string> removed;         // in the order of the active ones
  bool operator==(const Comparison&) const = default;
};

// Whether a fresh group means what the active one of its name does, to Supervisor. All settings count, as expanded and
// in order (events as a set), but for
//   - whether it is a [program:x] or a [group:x], and which section its processes are of;
//   - of a user all but the number, of a FastCGI socket all but the URL;
//   - the address of the server, unless serverurl= names one;
//   - automatic logs: an active one counts as the file that it has become, so a fresh file or NONE is a change, while
//     AUTO in the fresh group never is.
// Of services it is what their section says that counts, whichever there are.
bool is_unchanged(const Group& active, const Group& fresh);

// By name. Both lists have each name once.
Comparison compare(const std::vector<Group>& active, const std::vector<Group>& fresh);

}  // namespace upkeep::config
