// upkeep.getStatus as commands work with it.
#pragma once

#include <cstdint>
#include <string>

#include "ctl/failure.h"
#include "wire/xmlrpc.h"

namespace upkeep::ctl {

struct DaemonStatus {
  std::string version;
  std::int64_t pid = 0, engine_pid = 0, engine_starts = 0;
  struct Upgrade {
    std::string state;  // "none", "under way", "done", "refused", "rolled back"
    std::string token, path, from, to, why;
  } upgrade;
};

Attempt<DaemonStatus> as_daemon_status(const wire::XmlRpcValue& value);

}  // namespace upkeep::ctl
