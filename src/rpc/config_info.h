// One row of supervisor.getAllConfigInfo, with the members and types of Supervisor 4.3.0 (rpcinterface.py).
#pragma once

#include "engine/control.h"
#include "wire/xmlrpc.h"

namespace upkeep::rpc {

// What is not set is the word "none": XML-RPC has no word for nothing.
wire::XmlRpcValue config_row(const engine::ConfigInfo& info);

}  // namespace upkeep::rpc
