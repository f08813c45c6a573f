// `upkeep config`: what each program really runs with, and where every value comes from.
//
// Exit statuses: 0 shown; 1 a name is not known; 2 supervisord would refuse the file; 3 wrong use.
#pragma once

#include <string>
#include <vector>

#include "config/effective.h"

namespace upkeep::ctl {

int config_main(int argc, char** argv);

std::string effective_text(const std::vector<config::EffectiveProcess>& processes);  // ends with a newline
std::string effective_json(const std::string& file, const std::vector<config::EffectiveProcess>& processes);

// Whether the name chooses the process: as supervisorctl has them, "web", "group:web", "group:*", or a group's name.
bool is_chosen(const config::EffectiveProcess& process, const std::string& name);

}  // namespace upkeep::ctl
