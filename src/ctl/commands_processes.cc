// status, start, stop, restart, signal, pid.
#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "ctl/command_table.h"
#include "ctl/format.h"
#include "ctl/namespec.h"
#include "ctl/status_json.h"

namespace upkeep::ctl {
namespace {

using Names = std::vector<std::string>;

bool means_all(const Names& names) { return std::find(names.begin(), names.end(), "all") != names.end(); }

// start, stop and signal differ in these; the walk over the names is one.
struct Verb {
  std::string one, group, all;  // methods for a process, a group and everything
  wire::XmlRpcArray extra;      // arguments after the name
  Attempt<std::string> (*line)(const ProcessResult&);
  int harmless = fault::kSuccess;  // a status that is no failure
  int unknown_group = kGenericFailure;
};

wire::XmlRpcArray arguments(const Verb& verb, const std::string& name) {
  wire::XmlRpcArray params{name};
  params.insert(params.end(), verb.extra.begin(), verb.extra.end());
  return params;
}

Attempt<> tell(Session& session, const Verb& verb, const ProcessResult& result) {
  session.print(TRY(verb.line(result)));
  session.fail_by_fault(result.status, verb.harmless);
  return {};
}

Attempt<> tell_all(Session& session, const Verb& verb, const wire::XmlRpcValue& answer) {
  for (const ProcessResult& result : TRY(as_process_results(answer))) TRY(tell(session, verb, result));
  return {};
}

Attempt<> apply_to_group(Session& session, const Verb& verb, const std::string& group) {
  const auto answer = session.call(verb.group, arguments(verb, group));
  if (answer) return tell_all(session, verb, *answer);
  if (!answer.error().is_fault(fault::kBadName)) return answer.error();
  session.print(group + ": ERROR (no such group)");
  session.fail(verb.unknown_group);
  return {};
}

Attempt<> apply_to_process(Session& session, const Verb& verb, const std::string& name, const Namespec& spec) {
  const auto answer = session.call(verb.one, arguments(verb, name));
  ProcessResult result{spec.group, *spec.process, fault::kSuccess, ""};
  if (!answer) {
    if (answer.error().kind != Failure::Kind::Fault) return answer.error();
    result.status = answer.error().code;
    result.description = answer.error().text;
  }
  return tell(session, verb, result);
}

Attempt<Next> apply(Session& session, const Verb& verb, const Names& names) {
  if (means_all(names)) {
    TRY(tell_all(session, verb, TRY(session.call(verb.all, verb.extra))));
    return Next::Stay;
  }
  for (const std::string& name : names) {
    const Namespec spec = split_namespec(name);
    if (spec.process) {
      TRY(apply_to_process(session, verb, name, spec));
    } else {
      TRY(apply_to_group(session, verb, spec.group));
    }
  }
  return Next::Stay;
}

// "Error: start requires a process name" and the help. True when there was none.
bool lacks_names(Session& session, std::string_view command, const Names& names, int status) {
  if (!names.empty()) return false;
  session.print(fmt::format("Error: {} requires a process name", command));
  session.fail(status);
  print_help(session, command);
  return true;
}

struct Matches {
  std::vector<ProcessInfo> found;  // in the order of the names
  std::vector<UnknownName> unknown;
};

Matches matching(std::vector<ProcessInfo> all, const Names& names) {
  if (names.empty() || means_all(names)) return {std::move(all), {}};
  Matches matches;
  auto& [found, unknown] = matches;
  for (const std::string& name : names) {
    const Namespec spec = split_namespec(name);
    const std::size_t before = found.size();
    for (const ProcessInfo& info : all)
      if (info.group == spec.group && (!spec.process || info.name == *spec.process)) found.push_back(info);
    if (found.size() > before) continue;
    unknown.push_back(spec.process ? UnknownName{name, "no such process"} : UnknownName{spec.group, "no such group"});
  }
  return matches;
}

void fail_by_status(Session& session, const Matches& matches) {
  if (!matches.unknown.empty()) session.fail(kStatusUnknown);
  const auto& found = matches.found;
  if (std::any_of(found.begin(), found.end(), [](const ProcessInfo& info) { return info.is_stopped(); }))
    session.fail(kStatusStopped);
}

Attempt<std::vector<ProcessInfo>> all_processes(Session& session) {
  return as_process_infos(TRY(session.call("getAllProcessInfo")));
}

// What `status` shows of them. A stock supervisord knows no such call, and answers the one that all know.
Attempt<std::vector<ProcessInfo>> processes_to_show(Session& session) {
  const auto table = session.remote.call(session.target, "upkeep.getProcessTable", {});
  if (table) return as_process_table(*table);
  if (table.error().kind == Failure::Kind::Fault) return all_processes(session);
  return table.error();
}

// What the daemon says of itself; a stock supervisord knows no such call.
std::string alarm_of_daemon(Session& session) {
  const auto status = session.remote.call(session.target, "upkeep.getStatus", {});
  const wire::XmlRpcValue* alarm = status ? status->member("alarm") : nullptr;
  const auto text = alarm ? as_text(*alarm) : Attempt<std::string>{std::string{}};
  return text ? *text : std::string{};
}

// One document whatever happens; the exit statuses are those of status.
Attempt<Next> run_status_json(Session& session, const Names& names) {
  StatusReport report{session.target.url, std::nullopt, {}, {}};
  const auto give_up = [&](std::string why, int exit_status, const std::optional<Failure>& failure) {
    report.error = std::move(why);
    session.print(status_document(report));
    session.fail(exit_status);
    if (failure) session.note_unreachable(*failure);
    return Next::Stay;
  };
  const auto give_up_by = [&](const Failure& failure) -> Attempt<Next> {
    const bool can_ask = session.interactive && failure.kind == Failure::Kind::HttpStatus && failure.code == 401;
    if (can_ask) return failure;  // for a login
    return give_up(message_of(failure), kGenericFailure, failure);
  };
  const auto unfit = session.find_unfit();
  if (!unfit) return give_up_by(unfit.error());
  if (*unfit) return give_up((*unfit)->text, kStatusUnknown, (*unfit)->unreachable);
  auto all = all_processes(session);
  if (!all) return give_up_by(all.error());
  Matches matches = matching(std::move(*all), names);
  fail_by_status(session, matches);
  report.processes = std::move(matches.found);
  report.unknown = std::move(matches.unknown);
  report.alarm = alarm_of_daemon(session);
  session.print(status_document(report));
  return Next::Stay;
}

}  // namespace

Attempt<Next> run_status(Session& session, const std::string& argument) {
  Names names = split_blanks(argument);
  if (!names.empty() && names.front() == "--json") {
    names.erase(names.begin());
    return run_status_json(session, names);
  }
  if (!TRY(session.server_is_up())) {
    session.fail(kStatusUnknown);
    return Next::Stay;
  }
  const Matches matches = matching(TRY(processes_to_show(session)), names);
  std::string lines;  // for one write
  for (const UnknownName& each : matches.unknown) lines += fmt::format("{}: ERROR ({})\n", each.name, each.error);
  for (const std::string& row : status_rows(matches.found)) lines += row + '\n';
  session.terminal.print(lines);
  fail_by_status(session, matches);
  return Next::Stay;
}

Attempt<Next> run_start(Session& session, const std::string& argument) {
  if (!TRY(session.server_is_up())) return Next::Stay;
  const Names names = split_blanks(argument);
  if (lacks_names(session, "start", names, kInvalidArguments)) return Next::Stay;
  const Verb start{"startProcess", "startProcessGroup",    "startAllProcesses", {},
                   start_line,     fault::kAlreadyStarted, kInvalidArguments};
  return apply(session, start, names);
}

Attempt<Next> run_stop(Session& session, const std::string& argument) {
  if (!TRY(session.server_is_up())) return Next::Stay;
  const Names names = split_blanks(argument);
  if (lacks_names(session, "stop", names, kGenericFailure)) return Next::Stay;
  const Verb stop{"stopProcess", "stopProcessGroup", "stopAllProcesses", {}, stop_line, fault::kNotRunning};
  return apply(session, stop, names);
}

Attempt<Next> run_restart(Session& session, const std::string& argument) {
  if (!TRY(session.server_is_up())) return Next::Stay;
  if (lacks_names(session, "restart", split_blanks(argument), kGenericFailure)) return Next::Stay;
  TRY(run_stop(session, argument));
  return run_start(session, argument);
}

Attempt<Next> run_signal(Session& session, const std::string& argument) {
  if (!TRY(session.server_is_up())) return Next::Stay;
  Names words = split_blanks(argument);
  if (words.size() < 2) {
    session.print("Error: signal requires a signal name and a process name");
    print_help(session, "signal");
    session.fail(kGenericFailure);
    return Next::Stay;
  }
  const Verb signal{"signalProcess", "signalProcessGroup", "signalAllProcesses", {words.front()}, signal_line};
  words.erase(words.begin());
  return apply(session, signal, words);
}

Attempt<Next> run_pid(Session& session, const std::string& argument) {
  if (!TRY(session.server_is_up())) return Next::Stay;
  const Names names = split_blanks(argument);
  if (names.empty()) session.print(fmt::format("{}", TRY(as_number(TRY(session.call("getPID"))))));
  if (means_all(names)) {
    for (const ProcessInfo& info : TRY(as_process_infos(TRY(session.call("getAllProcessInfo")))))
      session.print(fmt::format("{}", info.pid));
    return Next::Stay;
  }
  for (const std::string& name : names) {
    const auto answer = session.call("getProcessInfo", {name});
    if (!answer) {
      if (!answer.error().is_fault(fault::kBadName)) return answer.error();
      session.fail(kGenericFailure);
      session.print("No such process " + name);
      continue;
    }
    const ProcessInfo info = TRY(as_process_info(*answer));
    session.print(fmt::format("{}", info.pid));
    if (info.pid == 0) session.fail(kNotRunning);
  }
  return Next::Stay;
}

}  // namespace upkeep::ctl
