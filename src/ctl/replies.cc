#include "ctl/replies.h"

#include <utility>
#include <variant>

#include "base/text.h"
#include "wire/process_table.h"

namespace upkeep::ctl {
namespace {

enum State { kStopped = 0, kRunning = 20, kExited = 100, kFatal = 200, kUnknown = 1000 };

Failure unexpected() { return Failure::other("TypeError", "unexpected type in the server's answer"); }

Attempt<bool> as_bool(const wire::XmlRpcValue& value) {
  if (const auto* truth = std::get_if<bool>(&value.is)) return *truth;
  if (const auto* number = std::get_if<std::int64_t>(&value.is)) return *number != 0;
  return unexpected();
}

Attempt<const wire::XmlRpcValue*> member(const wire::XmlRpcValue& value, std::string_view name) {
  if (const wire::XmlRpcValue* found = value.member(name)) return found;
  return Failure::other("KeyError", python_repr(name));
}

std::int64_t number_if_told(const wire::XmlRpcValue& value, std::string_view name) {
  const wire::XmlRpcValue* found = value.member(name);
  const auto* number = found ? std::get_if<std::int64_t>(&found->is) : nullptr;
  return number ? *number : 0;
}

std::string text_if_told(const wire::XmlRpcValue& value, std::string_view name) {
  const wire::XmlRpcValue* found = value.member(name);
  const auto* text = found ? std::get_if<std::string>(&found->is) : nullptr;
  return text ? *text : "";
}

template <class T>
Attempt<std::vector<T>> as_list(const wire::XmlRpcValue& value, Attempt<T> (*as_element)(const wire::XmlRpcValue&)) {
  const auto* array = std::get_if<wire::XmlRpcArray>(&value.is);
  if (!array) return unexpected();
  std::vector<T> list;
  list.reserve(array->size());
  for (const wire::XmlRpcValue& element : *array) list.push_back(TRY(as_element(element)));
  return list;
}

Attempt<ConfigInfo> as_config_info(const wire::XmlRpcValue& value) {
  ConfigInfo info;
  info.group = TRY(as_text(*TRY(member(value, "group"))));
  info.name = TRY(as_text(*TRY(member(value, "name"))));
  info.in_use = TRY(as_bool(*TRY(member(value, "inuse"))));
  info.autostart = TRY(as_bool(*TRY(member(value, "autostart"))));
  info.group_priority = TRY(as_number(*TRY(member(value, "group_prio"))));
  info.process_priority = TRY(as_number(*TRY(member(value, "process_prio"))));
  return info;
}

Attempt<ProcessResult> as_process_result(const wire::XmlRpcValue& value) {
  ProcessResult result;
  result.group = TRY(as_text(*TRY(member(value, "group"))));
  result.name = TRY(as_text(*TRY(member(value, "name"))));
  result.status = static_cast<int>(TRY(as_number(*TRY(member(value, "status")))));
  result.description = TRY(as_text(*TRY(member(value, "description"))));
  return result;
}

}  // namespace

bool ProcessInfo::is_stopped() const {
  return state == kStopped || state == kExited || state == kFatal || state == kUnknown;
}

bool ProcessInfo::is_running() const { return state == kRunning; }

Attempt<std::string> as_text(const wire::XmlRpcValue& value) {
  if (const auto* text = std::get_if<std::string>(&value.is)) return *text;
  return unexpected();
}

Attempt<std::int64_t> as_number(const wire::XmlRpcValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.is)) return *number;
  return unexpected();
}

Attempt<ProcessInfo> as_process_info(const wire::XmlRpcValue& value) {
  ProcessInfo info;
  info.group = TRY(as_text(*TRY(member(value, "group"))));
  info.name = TRY(as_text(*TRY(member(value, "name"))));
  info.state = TRY(as_number(*TRY(member(value, "state"))));
  info.state_name = TRY(as_text(*TRY(member(value, "statename"))));
  info.description = TRY(as_text(*TRY(member(value, "description"))));
  info.pid = TRY(as_number(*TRY(member(value, "pid"))));
  info.start = number_if_told(value, "start");
  info.stop = number_if_told(value, "stop");
  info.now = number_if_told(value, "now");
  info.exit_status = number_if_told(value, "exitstatus");
  info.spawn_error = text_if_told(value, "spawnerr");
  info.out_log = text_if_told(value, "stdout_logfile");
  info.err_log = text_if_told(value, "stderr_logfile");
  return info;
}

Attempt<std::vector<ProcessInfo>> as_process_infos(const wire::XmlRpcValue& value) {
  return as_list(value, as_process_info);
}

Attempt<std::vector<ProcessInfo>> as_process_table(const wire::XmlRpcValue& value) {
  auto rows = wire::parse_process_table(TRY(as_text(value)));
  if (!rows) return Failure::other("ValueError", rows.error().text);
  std::vector<ProcessInfo> infos;
  infos.reserve(rows->size());
  for (wire::ProcessRow& row : *rows)
    infos.push_back(
        {std::move(row.group), std::move(row.name), std::move(row.state_name), std::move(row.description), row.state});
  return infos;
}

Attempt<std::vector<ConfigInfo>> as_config_infos(const wire::XmlRpcValue& value) {
  return as_list(value, as_config_info);
}

Attempt<std::vector<ProcessResult>> as_process_results(const wire::XmlRpcValue& value) {
  return as_list(value, as_process_result);
}

Attempt<ConfigChanges> as_config_changes(const wire::XmlRpcValue& value) {
  const auto* outer = std::get_if<wire::XmlRpcArray>(&value.is);  // [[added, changed, removed]]
  const auto* lists = outer && !outer->empty() ? std::get_if<wire::XmlRpcArray>(&outer->front().is) : nullptr;
  if (!lists || lists->size() != 3) return unexpected();
  ConfigChanges changes;
  changes.added = TRY(as_list((*lists)[0], as_text));
  changes.changed = TRY(as_list((*lists)[1], as_text));
  changes.removed = TRY(as_list((*lists)[2], as_text));
  return changes;
}

}  // namespace upkeep::ctl
