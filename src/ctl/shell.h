// The interactive shell: `status` first, then a prompt and a command at a time until exit, quit, end of input or
// Ctrl-C.
#pragma once

#include <optional>
#include <string>

#include "ctl/session.h"

namespace upkeep::ctl {

struct ShellSettings {
  std::string prompt;  // without "> "
  std::optional<std::string> history_file;
};

// Editing, history and completion where input and output are terminals; else plain lines, the prompt still printed.
void run_shell(Session& session, const ShellSettings& settings);

// From now on Ctrl-C restores the terminal's modes, prints a newline and ends the program with this status; SIGTERM
// restores the modes, too.
void leave_on_interrupt(int exit_status);

}  // namespace upkeep::ctl
