#include "rpc/config_info.h"

namespace upkeep::rpc {

using wire::XmlRpcArray;
using wire::XmlRpcStruct;
using wire::XmlRpcValue;

namespace {

std::int64_t seconds(Duration duration) { return std::chrono::duration_cast<std::chrono::seconds>(duration).count(); }

}  // namespace

XmlRpcValue config_row(const engine::ConfigInfo& info) {
  const config::Process& process = *info.process;
  const core::Policy& policy = process.policy;
  XmlRpcArray exit_codes{policy.exit_codes.begin(), policy.exit_codes.end()};
  return XmlRpcStruct{
      {"autostart", policy.autostart},
      {"directory", process.directory.value_or("none")},
      {"uid", process.identity ? XmlRpcValue{std::int64_t{process.identity->uid}} : XmlRpcValue{"none"}},
      {"command", process.command},
      {"exitcodes", std::move(exit_codes)},
      {"group", info.group},
      {"group_prio", info.group_priority},
      {"inuse", info.in_use},
      {"killasgroup", policy.kill_as_group},
      {"name", process.name},
      {"process_prio", process.priority},
      {"redirect_stderr", process.redirect_stderr},
      {"startretries", policy.start_retries.value_or(0)},
      {"startsecs", seconds(policy.start_time)},
      {"stdout_capture_maxbytes", process.out.capture_max_bytes},
      {"stdout_events_enabled", process.out.events_enabled},
      {"stdout_logfile", info.stdout_logfile},
      {"stdout_logfile_backups", process.out.backups},
      {"stdout_logfile_maxbytes", process.out.max_bytes},
      {"stdout_syslog", process.out.syslog},
      {"stopsignal", policy.stop_signal},
      {"stopwaitsecs", seconds(policy.stop_wait)},
      {"stderr_capture_maxbytes", process.err.capture_max_bytes},
      {"stderr_events_enabled", process.err.events_enabled},
      {"stderr_logfile", info.stderr_logfile},
      {"stderr_logfile_backups", process.err.backups},
      {"stderr_logfile_maxbytes", process.err.max_bytes},
      {"stderr_syslog", process.err.syslog},
      {"serverurl", process.has_own_server_url ? process.server_url : "none"},
  };
}

}  // namespace upkeep::rpc
