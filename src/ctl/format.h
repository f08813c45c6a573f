// Lines of output, to the byte as Supervisor writes them (supervisorctl.py). Pure; no LF at the end unless said.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ctl/failure.h"
#include "ctl/replies.h"

namespace upkeep::ctl {

// One line a process; the columns fit the longest name shown.
std::vector<std::string> status_rows(const std::vector<ProcessInfo>& infos);
std::string avail_row(const ConfigInfo& info);
// "NAME: available" and so on, sorted by name.
std::vector<std::string> change_rows(const ConfigChanges& changes);

// "NS: started", "NS: ERROR (no such process)" ... Failure: a status the command does not know.
Attempt<std::string> start_line(const ProcessResult& result);
Attempt<std::string> stop_line(const ProcessResult& result);
Attempt<std::string> signal_line(const ProcessResult& result);
Attempt<std::string> clear_line(const ProcessResult& result);

// Words in columns, top to bottom, then left to right, as few rows as fit 79 characters (Python's cmd.Cmd columnize());
// every line ends in LF.
std::string in_columns(const std::vector<std::string_view>& words);

}  // namespace upkeep::ctl
