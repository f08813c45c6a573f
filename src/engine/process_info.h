// The description that status shows (Supervisor rpcinterface.py _interpretProcessInfo()).
#pragma once

#include "base/time.h"
#include "engine/control.h"

namespace upkeep::engine {

std::int64_t seconds_of(WallTime when);  // since 1970, 0 for never

// "pid 123, uptime 0:00:05", "Nov 21 01:41 AM", "Not started", a spawn error, or "". Local time, English names.
std::string describe(const ProcessInfo& info);

}  // namespace upkeep::engine
