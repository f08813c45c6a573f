// The server's values as the types that commands work with. A member that is missing or of another type is a Failure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ctl/failure.h"
#include "wire/xmlrpc.h"

namespace upkeep::ctl {

// Fault codes and result statuses that supervisorctl tells apart (supervisor xmlrpc.py Faults).
namespace fault {
inline constexpr int kUnknownMethod = 1;
inline constexpr int kShutdownState = 6;
inline constexpr int kBadName = 10;
inline constexpr int kBadSignal = 11;
inline constexpr int kNoFile = 20;
inline constexpr int kNotExecutable = 21;
inline constexpr int kFailed = 30;
inline constexpr int kAbnormalTermination = 40;
inline constexpr int kSpawnError = 50;
inline constexpr int kAlreadyStarted = 60;
inline constexpr int kNotRunning = 70;
inline constexpr int kSuccess = 80;
inline constexpr int kAlreadyAdded = 90;
inline constexpr int kStillRunning = 91;
inline constexpr int kCantReread = 92;
}  // namespace fault

struct ProcessInfo {
  std::string group, name, state_name, description;
  std::int64_t state = 0;
  std::int64_t pid = 0;
  // What only status_json.h shows; 0 and empty where a server does not tell.
  std::int64_t start = 0, stop = 0, now = 0;  // seconds since 1970
  std::int64_t exit_status = 0;
  std::string spawn_error = "", out_log = "", err_log = "";
  bool is_stopped() const;  // STOPPED, EXITED, FATAL or UNKNOWN
  bool is_running() const;  // RUNNING, and nothing else
};

struct ConfigInfo {
  std::string group, name;
  bool in_use = false;
  bool autostart = false;
  std::int64_t group_priority = 0;
  std::int64_t process_priority = 0;
};

// What became of one process of a call that concerns several; also made of a fault that concerns one.
struct ProcessResult {
  std::string group, name;
  int status = 0;
  std::string description;
};

struct ConfigChanges {  // of reloadConfig: group names
  std::vector<std::string> added, changed, removed;
};

Attempt<std::string> as_text(const wire::XmlRpcValue& value);
Attempt<std::int64_t> as_number(const wire::XmlRpcValue& value);
Attempt<ProcessInfo> as_process_info(const wire::XmlRpcValue& value);
Attempt<std::vector<ProcessInfo>> as_process_infos(const wire::XmlRpcValue& value);
// Of upkeep.getProcessTable: what it lacks stays 0 and empty.
Attempt<std::vector<ProcessInfo>> as_process_table(const wire::XmlRpcValue& value);
Attempt<std::vector<ConfigInfo>> as_config_infos(const wire::XmlRpcValue& value);
Attempt<std::vector<ProcessResult>> as_process_results(const wire::XmlRpcValue& value);
Attempt<ConfigChanges> as_config_changes(const wire::XmlRpcValue& value);

}  // namespace upkeep::ctl
