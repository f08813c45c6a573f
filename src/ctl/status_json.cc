#include "ctl/status_json.h"

#include <algorithm>

#include "ctl/namespec.h"
#include "wire/json.h"

namespace upkeep::ctl {
namespace {

using wire::JsonArray;
using wire::JsonObject;

constexpr int kVersion = 1;

// Zero and the empty text are how the protocol says that there is none.
std::optional<std::int64_t> number_or_null(std::int64_t number) {
  return number == 0 ? std::nullopt : std::optional{number};
}
std::optional<std::string> text_or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

JsonObject process(const ProcessInfo& info) {
  std::optional<std::int64_t> uptime, exit_status;
  if (info.is_running()) uptime = std::max<std::int64_t>(info.now - info.start, 0);
  if (info.stop != 0) exit_status = info.exit_status;
  return {
      {"name", make_namespec(info.group, info.name)},
      {"group", info.group},
      {"process", info.name},
      {"state", info.state_name},
      {"state_code", info.state},
      {"description", info.description},
      {"pid", number_or_null(info.pid)},
      {"uptime_s", uptime},
      {"started_at", number_or_null(info.start)},
      {"stopped_at", number_or_null(info.stop)},
      {"exit_status", exit_status},
      {"spawn_error", text_or_null(info.spawn_error)},
      {"stdout_logfile", text_or_null(info.out_log)},
      {"stderr_logfile", text_or_null(info.err_log)},
  };
}

}  // namespace

std::string status_document(const StatusReport& report) {
  JsonArray processes, unknown;
  for (const ProcessInfo& info : report.processes) processes.emplace_back(process(info));
  for (const UnknownName& each : report.unknown)
    unknown.emplace_back(JsonObject{{"name", each.name}, {"error", each.error}});
  return wire::write_json(JsonObject{
      {"version", kVersion},
      {"server", report.server},
      {"error", report.error},
      {"processes", std::move(processes)},
      {"unknown", std::move(unknown)},
      {"alarm", text_or_null(report.alarm)},
  });
}

}  // namespace upkeep::ctl
