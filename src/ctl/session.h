// One run of supervisorctl: which server it talks to, what it will exit with, and how a typed line is carried out
// (supervisorctl.py Controller).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/exit_code.h"
#include "ctl/failure.h"
#include "ctl/remote.h"
#include "ctl/replies.h"
#include "ctl/target.h"
#include "ctl/terminal.h"

namespace upkeep::ctl {

enum class Next { Stay, Leave };  // whether the shell goes on

class Session {
 public:
  Session(Remote& its_remote, Terminal& its_terminal, Target first_target)
      : remote(its_remote), terminal(its_terminal), target(std::move(first_target)) {}

  // Runs one line: parses it, finds the command, turns a Failure into its line, asks for a login when the server wants
  // one and somebody is there to answer.
  Next run_line(std::string_view typed);

  // Calls supervisor.METHOD.
  Attempt<wire::XmlRpcValue> call(const std::string& method, wire::XmlRpcArray params = {});

  // Why the server is none to work with: it is not there, or speaks another API version.
  struct Unfit {
    std::string text;
    int exit_status = kGenericFailure;
    std::optional<Failure> unreachable;
  };
  Attempt<std::optional<Unfit>> find_unfit();
  // Whether there is nothing to find. Otherwise: says so, sets the exit status, false.
  Attempt<bool> server_is_up();

  void print(std::string_view text) { terminal.print_line(text); }
  void fail(int status) { exit_status = status; }  // sticky: the last one wins, successes never reset it
  // The exit status for a fault code or a result status; `ignored` counts as success.
  void fail_by_fault(int code, int ignored = fault::kSuccess);
  void note_unreachable(const Failure& failure);  // calls on_unreachable where the failure is of that kind

  Remote& remote;
  Terminal& terminal;
  Target target;
  bool interactive = false;  // confirm, and ask for a login
  int exit_status = kSuccess;
  // Told of a failure to reach the server, after the original's own words.
  std::function<void(const Failure&)> on_unreachable;

 private:
  Next run_command(const std::string& command, const std::string& argument, const std::string& text);
  void report(const Failure& failure);
};

}  // namespace upkeep::ctl
