// shutdown, reload, version, open.
#include <cerrno>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "ctl/command_table.h"

namespace upkeep::ctl {
namespace {

// Asks in interactive mode only; anything that starts with y is a yes.
Attempt<bool> confirmed(Session& session, std::string_view question) {
  if (!session.interactive) return true;
  const auto answer = session.terminal.ask(question);
  if (!answer) return Failure::other("EOFError", "EOF when reading a line");
  return answer->starts_with('y') || answer->starts_with('Y');
}

}  // namespace

Attempt<Next> run_shutdown(Session& session, const std::string& argument) {
  if (refuse_arguments(session, "shutdown", argument)) return Next::Stay;
  if (!TRY(confirmed(session, "Really shut the remote supervisord process down y/N? "))) return Next::Stay;
  const auto answer = session.call("shutdown");
  if (answer) {
    session.print("Shut down");
    return Next::Stay;
  }
  const Failure& failure = answer.error();
  if (failure.is_fault(fault::kShutdownState)) {
    session.print("ERROR: already shutting down");
  } else if (failure.kind == Failure::Kind::Socket && (failure.code == ECONNREFUSED || failure.code == ENOENT)) {
    const char* what = failure.code == ENOENT ? " no such file" : " refused connection";
    session.print("ERROR: " + session.target.url + what + " (already shut down?)");
    session.fail(kGenericFailure);
    session.note_unreachable(failure);
  } else {
    return failure;
  }
  return Next::Stay;
}

Attempt<Next> run_reload(Session& session, const std::string& argument) {
  if (refuse_arguments(session, "reload", argument)) return Next::Stay;
  if (!TRY(confirmed(session, "Really restart the remote supervisord process y/N? "))) return Next::Stay;
  const auto answer = session.call("restart");
  if (answer) {
    session.print("Restarted supervisord");
    return Next::Stay;
  }
  session.fail(kGenericFailure);
  if (!answer.error().is_fault(fault::kShutdownState)) return answer.error();
  session.print("ERROR: already shutting down");
  return Next::Stay;
}

Attempt<Next> run_version(Session& session, const std::string& argument) {
  if (refuse_arguments(session, "version", argument)) return Next::Stay;
  if (!TRY(session.server_is_up())) return Next::Stay;
  session.print(TRY(as_text(TRY(session.call("getSupervisorVersion")))));
  return Next::Stay;
}

Attempt<Next> run_open(Session& session, const std::string& argument) {
  const std::string scheme = lower(argument.substr(0, argument.find(':')));
  if (argument.find(':') == std::string::npos || (scheme != "http" && scheme != "unix")) {
    session.print("ERROR: url must be http:// or unix://");
    session.fail(kGenericFailure);
    return Next::Stay;
  }
  session.target.url = argument;
  const int before = session.exit_status;
  TRY(run_status(session, ""));
  session.exit_status = before;
  return Next::Stay;
}

}  // namespace upkeep::ctl
