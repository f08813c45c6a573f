// supervisor.*: the methods of Supervisor 4.3.0's RPC interface that we know (supervisor rpcinterface.py).
#pragma once

#include <vector>

#include "rpc/method.h"

namespace upkeep::rpc {

inline constexpr std::string_view kApiVersion = "3.0";           // getAPIVersion
inline constexpr std::string_view kSupervisorVersion = "4.3.0";  // whose behaviour is matched: clients parse it

const std::vector<Method>& supervisor_methods();

}  // namespace upkeep::rpc
