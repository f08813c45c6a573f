// The actions of the status page: each ends in a message for the user, in Supervisor's words (web.py StatusView).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/control.h"

namespace upkeep::rpc {

// How a refusal reads that the action has no words of its own for.
std::string fault_text(const engine::Refused& refused);

using Told = std::function<void(std::string message)>;  // once, now or later

// refresh, stopall, restartall; start, stop, restart, clearlog of the process `name` ("proc", "group:proc"). False, and
// nothing is done or told: there is no such action, or it needs a name.
bool perform(std::string_view action, const std::string& name, engine::Control& control, const Told& told);

}  // namespace upkeep::rpc
