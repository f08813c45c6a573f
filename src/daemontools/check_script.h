// The script `check` of a service directory (runit): says by its exit status whether a service that runs is available.
#pragma once

#include <string_view>

namespace upkeep::daemontools {

// Runs ./check of the current directory and waits for it. True where there is none. Trouble with it is told on standard
// error with `service` as the name; true also where it cannot be run, as in the original.
bool check_script_agrees(std::string_view service);

}  // namespace upkeep::daemontools
