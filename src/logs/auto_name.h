// Log files that Supervisor names itself (stdout_logfile=AUTO):
// <childlogdir>/<process>-<stdout|stderr>---<identifier>-<8 of [a-z0-9_]>.log, and their removal when the daemon starts
// (Supervisor options.py getLogger callers, clear_autochildlogdir).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace upkeep::logs {

// Creates a fresh file, mode 0600, and returns its path. `channel` is "stdout" or "stderr". If only the disk is in
// trouble (full, read-only, sick), the path alone: the log is created once that is possible.
Result<std::string> make_auto_log(const std::string& directory, std::string_view process, std::string_view channel,
                                  std::string_view identifier);

// Whether the cleanup takes this file name: it starts with a match of .+?---<identifier>-\S+\.log\.{0,1}\d{0,4}. Unlike
// Supervisor, the identifier stands for itself, even with characters that mean something in a regular expression.
bool is_auto_log_name(std::string_view name, std::string_view identifier);

// Removes the regular files of such names. Returns what could not be removed, in Supervisor's words: a directory that
// cannot be read is one such error.
std::vector<Error> remove_auto_logs(const std::string& directory, std::string_view identifier);

}  // namespace upkeep::logs
