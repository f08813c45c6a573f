// The pidfile: the keeper's pid and a newline, written in place so that its owner and mode stay.
#pragma once

#include <string>

#include "base/result.h"

namespace upkeep::engine {

Result<void> write_pidfile(const std::string& path, int pid);
bool pidfile_says(const std::string& path, int pid);
void remove_pidfile(const std::string& path, int pid);  // only if it still names `pid`

}  // namespace upkeep::engine
