#include "ctl/command_table.h"

#include <fmt/core.h>

#include <vector>

#include "base/text.h"
#include "ctl/format.h"

namespace upkeep::ctl {
namespace {

constexpr std::string_view kHelpHeader = "default commands (type help <topic>):";

Attempt<Next> run_exit(Session& session, const std::string&) {
  session.print("");
  return Next::Leave;
}

Attempt<Next> run_help(Session& session, const std::string& argument) {
  if (!argument.empty()) {
    const Command* command = find_command(argument);
    if (command && !command->help.empty()) {
      print_help(session, argument);
    } else {
      session.print("*** No help on " + argument);
    }
    return Next::Stay;
  }
  std::vector<std::string_view> names;
  for (const Command& command : commands())
    if (command.listed) names.push_back(command.name);
  session.print("");
  session.print(kHelpHeader);
  session.print(std::string(kHelpHeader.size(), '='));
  session.terminal.print(in_columns(names) + "\n");
  return Next::Stay;
}

constexpr Command kCommands[] = {
    {"EOF", run_exit, Completes::Nothing, "", false},
    {"add", run_add, Completes::Groups, "add <name> [...]\tActivates any updates in config for process/group\n"},
    {"avail", run_avail, Completes::Nothing, "avail\t\t\tDisplay all configured processes\n"},
    {"clear", run_clear, Completes::Processes,
     "clear <name>\t\tClear a process' log files.\n"
     "clear <name> <name>\tClear multiple process' log files\n"
     "clear all\t\tClear all process' log files\n"},
    {"exit", run_exit, Completes::Nothing, "exit\tExit the supervisor shell.\n"},
    {"fg", run_fg, Completes::Processes,
     "fg <process>\tConnect to a process in foreground mode\n"
     "\t\tCtrl-C to exit\n"},
    {"help", run_help, Completes::Commands,
     "help\t\tPrint a list of available actions\n"
     "help <action>\tPrint help for <action>\n",
     false},
    {"maintail", run_maintail, Completes::Nothing,
     "maintail -f \tContinuous tail of supervisor main log file (Ctrl-C to exit)\n"
     "maintail -100\tlast 100 *bytes* of supervisord main log file\n"
     "maintail\tlast 1600 *bytes* of supervisor main log file\n"
     "\n"},
    {"open", run_open, Completes::Nothing,
     "open <url>\tConnect to a remote supervisord process.\n"
     "\t\t(for UNIX domain socket, use unix:///socket/path)\n"},
    {"pid", run_pid, Completes::Processes,
     "pid\t\t\tGet the PID of supervisord.\n"
     "pid <name>\t\tGet the PID of a single child process by name.\n"
     "pid all\t\t\tGet the PID of every child process, one per line.\n"},
    {"quit", run_exit, Completes::Nothing, "quit\tExit the supervisor shell.\n"},
    {"reload", run_reload, Completes::Nothing, "reload \t\tRestart the remote supervisord.\n"},
    {"remove", run_remove, Completes::Groups, "remove <name> [...]\tRemoves process/group from active config\n"},
    {"reread", run_reread, Completes::Nothing,
     "reread \t\t\tReload the daemon's configuration files without add/remove\n"},
    {"restart", run_restart, Completes::Processes,
     "restart <name>\t\tRestart a process\n"
     "restart <gname>:*\tRestart all processes in a group\n"
     "restart <name> <name>\tRestart multiple processes or groups\n"
     "restart all\t\tRestart all processes\n"
     "Note: restart does not reread config files. For that, see reread and update.\n"},
    {"shutdown", run_shutdown, Completes::Nothing, "shutdown \tShut the remote supervisord down.\n"},
    {"signal", run_signal, Completes::Processes,
     "signal <signal name> <name>\t\tSignal a process\n"
     "signal <signal name> <gname>:*\t\tSignal all processes in a group\n"
     "signal <signal name> <name> <name>\tSignal multiple processes or groups\n"
     "signal <signal name> all\t\tSignal all processes\n"},
    {"start", run_start, Completes::Processes,
     "start <name>\t\tStart a process\n"
     "start <gname>:*\t\tStart all processes in a group\n"
     "start <name> <name>\tStart multiple processes or groups\n"
     "start all\t\tStart all processes\n"},
    {"status", run_status, Completes::Processes,
     "status <name>\t\tGet status for a single process\n"
     "status <gname>:*\tGet status for all processes in a group\n"
     "status <name> <name>\tGet status for multiple named processes\n"
     "status\t\t\tGet all process status info\n"},
    {"stop", run_stop, Completes::Processes,
     "stop <name>\t\tStop a process\n"
     "stop <gname>:*\t\tStop all processes in a group\n"
     "stop <name> <name>\tStop multiple processes or groups\n"
     "stop all\t\tStop all processes\n"},
    {"tail", run_tail, Completes::Processes,
     "tail [-f] <name> [stdout|stderr] (default stdout)\n"
     "Ex:\n"
     "tail -f <name>\t\tContinuous tail of named process stdout\n"
     "\t\t\tCtrl-C to exit.\n"
     "tail -100 <name>\tlast 100 *bytes* of process stdout\n"
     "tail <name> stderr\tlast 1600 *bytes* of process stderr\n"},
    {"update", run_update, Completes::Groups,
     "update\t\t\tReload config and add/remove as necessary, and will restart affected programs\n"
     "update all\t\tReload config and add/remove as necessary, and will restart affected programs\n"
     "update <gname> [...]\tUpdate specific groups\n"},
    {"version", run_version, Completes::Nothing, "version\t\t\tShow the version of the remote supervisord process\n"},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  for (const Command& command : kCommands)
    if (command.name == name) return &command;
  return nullptr;
}

void print_help(Session& session, std::string_view command) { session.terminal.print(find_command(command)->help); }

bool refuse_arguments(Session& session, std::string_view command, const std::string& argument) {
  if (argument.empty()) return false;
  session.print(fmt::format("Error: {} accepts no arguments", command));
  session.fail(kGenericFailure);
  print_help(session, command);
  return true;
}

}  // namespace upkeep::ctl
