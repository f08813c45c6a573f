// upkeep.*: what Supervisor's interface has no words for. Published on every server, whatever the configuration calls
// Supervisor's own namespace.
#pragma once

#include <vector>

#include "rpc/method.h"

namespace upkeep::rpc {

const std::vector<Method>& upkeep_methods();

}  // namespace upkeep::rpc
