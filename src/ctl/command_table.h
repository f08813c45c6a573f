// Every command of supervisorctl: its name, what it does, what help says, what its arguments complete to.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ctl/session.h"

namespace upkeep::ctl {

enum class Completes { Nothing, Commands, Groups, Processes };

struct Command {
  std::string_view name;
  Attempt<Next> (*run)(Session& session, const std::string& argument);
  Completes completes;
  std::string_view help;  // lines, each ends in LF; empty: none
  bool listed = true;     // in `help`
};

std::span<const Command> commands();                 // sorted by name
const Command* find_command(std::string_view name);  // null: unknown

// "Error: COMMAND accepts no arguments", the command's help, exit status 1. True when there was an argument.
bool refuse_arguments(Session& session, std::string_view command, const std::string& argument);
void print_help(Session& session, std::string_view command);

// commands_processes.cc
Attempt<Next> run_status(Session& session, const std::string& argument);
Attempt<Next> run_start(Session& session, const std::string& argument);
Attempt<Next> run_stop(Session& session, const std::string& argument);
Attempt<Next> run_restart(Session& session, const std::string& argument);
Attempt<Next> run_signal(Session& session, const std::string& argument);
Attempt<Next> run_pid(Session& session, const std::string& argument);
// commands_logs.cc
Attempt<Next> run_tail(Session& session, const std::string& argument);
Attempt<Next> run_maintail(Session& session, const std::string& argument);
Attempt<Next> run_clear(Session& session, const std::string& argument);
Attempt<Next> run_fg(Session& session, const std::string& argument);
// commands_configuration.cc
Attempt<Next> run_avail(Session& session, const std::string& argument);
Attempt<Next> run_reread(Session& session, const std::string& argument);
Attempt<Next> run_update(Session& session, const std::string& argument);
Attempt<Next> run_add(Session& session, const std::string& argument);
Attempt<Next> run_remove(Session& session, const std::string& argument);
// commands_daemon.cc
Attempt<Next> run_shutdown(Session& session, const std::string& argument);
Attempt<Next> run_reload(Session& session, const std::string& argument);
Attempt<Next> run_version(Session& session, const std::string& argument);
Attempt<Next> run_open(Session& session, const std::string& argument);

}  // namespace upkeep::ctl
