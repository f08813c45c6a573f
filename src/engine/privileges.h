// Cold start: who the daemon runs as, and how much it may open and fork. Done by the engine to itself and handed to the
// keeper as SETUP. Texts are Supervisor's (options.py drop_privileges(), set_rlimits_or_exit()).
#pragma once

#include <vector>

#include "config/model.h"
#include "engine/spawn_plan.h"
#include "wire/keeper_messages.h"

namespace upkeep::engine {

// Error: the text of a usage error, exit status 2. `notices` gets the lines for the log. The limit of open files of
// keeper and engine goes as high as it may; `setting.limits` keeps what programs shall inherit: Supervisor's minfds
// rule applied to the limit we were started with.
Result<wire::Setup> settle_privileges(const config::Daemon& daemon, SpawnSetting& setting,
                                      std::vector<config::Notice>& notices);

// Recovery: the programs' limits again, without touching anything.
void apply_min_fds(const config::Daemon& daemon, SpawnSetting& setting);

}  // namespace upkeep::engine
