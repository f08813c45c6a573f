// tail, maintail, clear, fg.
#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/text.h"
#include "ctl/command_table.h"
#include "ctl/format.h"
#include "ctl/namespec.h"

namespace upkeep::ctl {
namespace {

constexpr std::int64_t kDefaultBytes = 1600;

using Words = std::vector<std::string>;

Next refuse(Session& session, const std::string& text) {
  session.print("Error: " + text);
  session.fail(kGenericFailure);
  return Next::Stay;
}

// The number of "-100". Python's int() allows more, XML-RPC no more than 32 bits.
Attempt<std::optional<std::int64_t>> byte_count(std::string_view modifier) {
  const auto number = parse_number(modifier.substr(1));
  if (!number) return std::optional<std::int64_t>{};
  constexpr std::int64_t limit = std::numeric_limits<std::int32_t>::max();
  if (*number > limit || *number < -limit) return Failure::other("OverflowError", "int exceeds XML-RPC limits");
  return std::optional<std::int64_t>{*number};
}

// A fault of a read method as a line; others go on upwards.
Attempt<Next> tell_read_failure(Session& session, const std::string& name, const Failure& failure) {
  session.fail(kGenericFailure);
  const char* why = failure.is_fault(fault::kNoFile)    ? "no log file"
                    : failure.is_fault(fault::kFailed)  ? "unknown error reading log"
                    : failure.is_fault(fault::kBadName) ? "no such process name"
                                                        : nullptr;
  if (!why) return failure;
  session.print(fmt::format("{}: ERROR ({})", name, why));
  return Next::Stay;
}

Attempt<Next> show_log(Session& session, const LogName& log, std::int64_t bytes) {
  const bool daemon = log.process.empty();
  // Minus zero is zero, which means all of it.
  const auto text = daemon ? session.call("readLog", {-bytes, 0})
                           : session.call(log.channel == "stdout" ? "readProcessStdoutLog" : "readProcessStderrLog",
                                          {log.process, -bytes, 0});
  if (!text) return tell_read_failure(session, daemon ? "supervisord" : log.process, text.error());
  session.print(TRY(as_text(*text)));
  return Next::Stay;
}

Next follow_log(Session& session, const LogName& log) {
  session.print("==> Press Ctrl-C to exit <==");
  session.remote.follow(session.target, log, session.terminal);
  return Next::Stay;
}

}  // namespace

Attempt<Next> run_tail(Session& session, const std::string& argument) {
  if (!TRY(session.server_is_up())) return Next::Stay;
  Words words = split_blanks(argument);
  if (words.empty() || words.size() > 3) {
    refuse(session, words.empty() ? "too few arguments" : "too many arguments");
    print_help(session, "tail");
    return Next::Stay;
  }
  std::string modifier;
  if (words.front().starts_with('-')) {
    modifier = words.front();
    words.erase(words.begin());
  }
  if (words.empty()) return refuse(session, "tail requires process name");
  LogName log{words.front(), "stdout"};
  if (words.size() > 1) {
    log.channel = lower(words.back());
    if (log.channel != "stdout" && log.channel != "stderr")
      return refuse(session, "bad channel " + python_repr(log.channel));
  }
  if (modifier == "-f") return follow_log(session, log);
  if (modifier.empty()) return show_log(session, log, kDefaultBytes);
  const auto bytes = TRY(byte_count(modifier));
  if (!bytes) return refuse(session, "bad argument " + modifier);
  return show_log(session, log, *bytes);
}

Attempt<Next> run_maintail(Session& session, const std::string& argument) {
  if (!TRY(session.server_is_up())) return Next::Stay;
  const Words words = split_blanks(argument);
  const LogName daemon_log{"", ""};
  if (words.size() > 1) {
    refuse(session, "too many arguments");
    print_help(session, "maintail");
    return Next::Stay;
  }
  if (words.empty()) return show_log(session, daemon_log, kDefaultBytes);
  if (words.front() == "-f") return follow_log(session, daemon_log);
  const auto bytes = words.front().starts_with('-') ? TRY(byte_count(words.front())) : std::nullopt;
  if (!bytes) return refuse(session, "bad argument " + words.front());
  return show_log(session, daemon_log, *bytes);
}

Attempt<Next> run_clear(Session& session, const std::string& argument) {
  if (!TRY(session.server_is_up())) return Next::Stay;
  const Words names = split_blanks(argument);
  if (names.empty()) {
    refuse(session, "clear requires a process name");
    print_help(session, "clear");
    return Next::Stay;
  }
  std::vector<ProcessResult> results;
  if (std::find(names.begin(), names.end(), "all") != names.end()) {
    for (const ProcessResult& result : TRY(as_process_results(TRY(session.call("clearAllProcessLogs"))))) {
      session.print(TRY(clear_line(result)));
      session.fail_by_fault(result.status);
    }
    return Next::Stay;
  }
  for (const std::string& name : names) {
    const Namespec spec = split_namespec(name);
    const auto answer = session.call("clearProcessLogs", {name});
    ProcessResult result{spec.group, spec.process.value_or("None"), fault::kSuccess, ""};
    if (!answer) {
      if (answer.error().kind != Failure::Kind::Fault) return answer.error();
      result.status = answer.error().code;
    }
    session.print(TRY(clear_line(result)));
    session.fail_by_fault(result.status);
  }
  return Next::Stay;
}

Attempt<Next> run_fg(Session& session, const std::string& argument) {
  if (!TRY(session.server_is_up())) return Next::Stay;
  const Words names = split_blanks(argument);
  if (names.size() != 1) {
    session.print(names.empty() ? "ERROR: no process name supplied" : "ERROR: too many process names supplied");
    session.fail(kGenericFailure);
    if (names.empty()) print_help(session, "fg");
    return Next::Stay;
  }
  const auto answer = session.call("getProcessInfo", {names.front()});
  if (!answer) {
    const Failure& failure = answer.error();
    if (failure.kind != Failure::Kind::Fault) return failure;
    if (!failure.is_fault(fault::kBadName)) {
      session.print("ERROR: " + message_of(failure));
      return Next::Stay;
    }
    session.print("ERROR: bad process name supplied");
    session.fail(kGenericFailure);
    return Next::Stay;
  }
  if (!TRY(as_process_info(*answer)).is_running()) {
    session.print("ERROR: process not running");
    session.fail(kGenericFailure);
    return Next::Stay;
  }
  session.print("==> Press Ctrl-C to exit <==");
  TRY(session.remote.foreground(session.target, names.front(), session.terminal));
  return Next::Stay;
}

}  // namespace upkeep::ctl
