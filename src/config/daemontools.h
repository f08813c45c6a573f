// svscan and supervise have no configuration but a directory on their command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/world.h"
#include "config/model.h"

namespace upkeep::config {

// argv[0] is the program's name, a path or not; argv[1] the directory, relative to the present one; without it that
// itself. None: argv[0] is neither `svscan` nor `supervise`.
std::optional<Config> load_daemontools(const std::vector<std::string>& argv, World& world);

}  // namespace upkeep::config
