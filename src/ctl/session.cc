#include "ctl/session.h"

#include <cerrno>

#include "ctl/command_table.h"
#include "ctl/input_line.h"

namespace upkeep::ctl {
namespace {

constexpr std::string_view kApiVersion = "3.0";

}  // namespace

Next Session::run_line(std::string_view typed) {
  const InputLine line = parse_input_line(typed);
  if (line.text.empty()) return Next::Stay;
  return run_command(line.command, line.argument, line.text);
}

Next Session::run_command(const std::string& name, const std::string& argument, const std::string& text) {
  const Command* command = find_command(name);
  if (!command) {
    print("*** Unknown syntax: " + text);
    fail(kGenericFailure);
    return Next::Stay;
  }
  for (;;) {
    const auto next = command->run(*this, argument);
    if (next) return *next;
    const Failure& failure = next.error();
    const bool wants_login = failure.kind == Failure::Kind::HttpStatus && failure.code == 401;
    if (wants_login) print("Server requires authentication");
    if (!wants_login || !interactive) {
      report(failure);
      return Next::Stay;
    }
    auto username = terminal.ask("Username:");
    auto password = username ? terminal.ask_secret("Password:") : std::nullopt;
    if (!password) {
      report(Failure::other("EOFError", username ? "" : "EOF when reading a line"));
      return Next::Stay;
    }
    print("");
    target.username = std::move(username);
    target.password = std::move(password);
  }
}

void Session::report(const Failure& failure) {
  print(error_line(failure));
  fail(kGenericFailure);
  note_unreachable(failure);
}

void Session::note_unreachable(const Failure& failure) {
  const bool unreachable = failure.kind == Failure::Kind::Socket || failure.kind == Failure::Kind::Closed ||
                           failure.type == "TimeoutError" || failure.type == "socket.gaierror";
  if (unreachable && on_unreachable) on_unreachable(failure);
}

Attempt<wire::XmlRpcValue> Session::call(const std::string& method, wire::XmlRpcArray params) {
  return remote.call(target, "supervisor." + method, std::move(params));
}

Attempt<std::optional<Session::Unfit>> Session::find_unfit() {
  const auto answer = call("getVersion");
  if (answer) {
    const std::string version = TRY(as_text(*answer));
    if (version == kApiVersion) return std::nullopt;
    return Unfit{
        "Sorry, this version of supervisorctl expects to talk to a server with API version 3.0, but the remote "
        "version is " +
            version + ".",
        kNotInstalled, std::nullopt};
  }
  const Failure& failure = answer.error();
  if (failure.is_fault(fault::kUnknownMethod))
    return Unfit{
        "Sorry, supervisord responded but did not recognize the supervisor namespace commands that supervisorctl uses "
        "to control it.  Please check that the [rpcinterface:supervisor] section is enabled in the configuration file "
        "(see sample.conf).",
        kUnimplemented, std::nullopt};
  if (failure.kind != Failure::Kind::Socket || (failure.code != ECONNREFUSED && failure.code != ENOENT)) return failure;
  const bool refused = failure.code == ECONNREFUSED;
  return Unfit{target.url + (refused ? " refused connection" : " no such file"), refused ? kNoPrivileges : kNotRunning,
               failure};
}

Attempt<bool> Session::server_is_up() {
  const auto unfit = TRY(find_unfit());
  if (!unfit) return true;
  print(unfit->text);
  fail(unfit->exit_status);
  if (unfit->unreachable) note_unreachable(*unfit->unreachable);
  return false;
}

void Session::fail_by_fault(int code, int ignored) {
  if (code == ignored || code == fault::kSuccess) return;
  const bool dead = code == fault::kSpawnError || code == fault::kAbnormalTermination || code == fault::kNotRunning;
  fail(dead ? kNotRunning : kGenericFailure);
}

}  // namespace upkeep::ctl
