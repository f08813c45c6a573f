// Which scripts a service directory holds now.
#pragma once

#include "core/service.h"

namespace upkeep::services {

// Regular files that somebody may execute; `run` counts whatever it is, since running it is what tells what is wrong.
core::ServiceScripts find_scripts(int directory);

bool has_entry(int directory, const char* name);       // of any type
bool has_executable(int directory, const char* name);  // a regular file with an x bit
// The number in a text file such as `timeout-kill`; none: there is no such file, or no number in it.
std::optional<long long> number_in(int directory, const char* name);

}  // namespace upkeep::services
