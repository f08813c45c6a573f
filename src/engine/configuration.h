// One load of the configuration, together with the record of everything it asked of the world (base/recorded_world.h).
// Whoever has the record has the load again, whatever has happened to the files since.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/world.h"
#include "config/load.h"

namespace upkeep::engine {

struct Configuration {
  config::Config config;
  config::Environment environment;  // of the daemon at its start
  std::string record;
};

// What the command line asks for instead of a daemon: text for a stream, and the exit status.
struct Farewell {
  std::string out, err;
  int exit_status = 0;
};

using ConfigurationOrFarewell = std::variant<Configuration, Farewell>;
using ConfigurationOrError = std::variant<Configuration, config::LoadError>;

// From command line and disk, when the daemon starts. `argv` is supervisord's.
ConfigurationOrFarewell load_configuration(const std::vector<std::string>& argv, World& world);

// The same once more while it runs. Without -c the file is not searched again: `file` is the one found at the start.
ConfigurationOrError reload_configuration(const std::vector<std::string>& argv, const std::string& file, World& world);

// From its record alone. Error: it is damaged.
Result<Configuration> replay_configuration(std::string record);

}  // namespace upkeep::engine
