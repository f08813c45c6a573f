// Which daemontools a tool speaks like. Where the original 0.76 and daemontools-encore differ in what existing scripts
// see (texts, length of the status record), one of them must be chosen; what only encore has works in both.
#pragma once

namespace upkeep {

enum class Dialect { Original, Encore };

// `setting` is the value of UPKEEP_DAEMONTOOLS in the environment, null when it is not set: "encore" chooses encore,
// everything else the original.
Dialect dialect_of(const char* setting);
Dialect dialect_of_environment();

}  // namespace upkeep
