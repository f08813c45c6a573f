// `status --json`: what `status` shows, and more of what the server tells, as one JSON document. Its shape is described
// in docs/supervisorctl.md and only ever grows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctl/replies.h"

namespace upkeep::ctl {

struct UnknownName {  // asked for, and not there
  std::string name, error;
};

struct StatusReport {
  std::string server;                // its URL
  std::optional<std::string> error;  // why there is no status
  std::vector<ProcessInfo> processes;
  std::vector<UnknownName> unknown;
  std::string alarm{};  // of the daemon about itself; empty: none, or it is another's daemon
};

std::string status_document(const StatusReport& report);  // without LF at its end

}  // namespace upkeep::ctl
