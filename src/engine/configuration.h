// The configuration as the engine holds it, and how it survives the engine: everything that one load asked of the world
// is deposited with the keeper, and a recovering engine asks that record instead of the disk.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/world.h"
#include "config/load.h"
#include "engine/front_end.h"
#include "engine/spawn_plan.h"

namespace upkeep::engine {

inline constexpr const char* kConfigurationDeposit = "configuration";

struct Configuration {
  config::Config config;
  SpawnSetting setting;
  std::string record;  // for the deposit
};

// What the command line asks for instead of a daemon: text for a stream, and the exit status.
struct Farewell {
  std::string out, err;
  int exit_status = 0;
};

using ConfigurationOrFarewell = std::variant<Configuration, Farewell>;

// From command line and disk. `argv` is supervisord's.
ConfigurationOrFarewell load_configuration(const std::vector<std::string>& argv, World& world);

// From the deposit alone. Error: there is none, or it is damaged.
Result<Configuration> recover_configuration(Deposits& deposits);
Result<void> deposit_configuration(const Configuration& configuration, Deposits& deposits);

}  // namespace upkeep::engine
