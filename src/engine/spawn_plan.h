// One process's configuration, fully resolved for the keeper: command split and found, environment merged, stdio
// chosen. The checks and their texts are Supervisor's (process.py get_execv_args(), options.py check_execv_args()).
#pragma once

#include <string>
#include <vector>

#include "base/world.h"
#include "config/model.h"
#include "engine/control.h"
#include "wire/keeper_messages.h"

namespace upkeep::engine {

// What every process of the daemon shares.
struct SpawnSetting {
  config::Environment environment;  // of the daemon at its start
  std::vector<wire::Limit> limits;
  bool strip_ansi = false;  // from the output of processes started from now on
};

struct Command {
  std::string file;
  std::vector<std::string> argv;
};

// Refused with NoFile or NotExecutable and the text for spawnerr: "can't find command 'x'".
tl::expected<Command, Refused> resolve_command(const config::Process& process, const SpawnSetting& setting);

wire::SpawnPlan make_spawn_plan(const config::Process& process, Command command, const SpawnSetting& setting);
wire::LastWill last_will(const core::Policy& policy);

}  // namespace upkeep::engine
