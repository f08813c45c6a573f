// The command that makes something else of a full log file (action !): `/bin/sh -c COMMAND` in the log directory, with
// the file `previous` as descriptor 0, `processed` as 1, `state` from its last run as 4, `newstate` as 5, and our
// standard error. SIGTERM and SIGALRM are as the shell expects them.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace upkeep::multilog {

// One that could not be started is as one that failed: what is missing may come, and the file waits.
enum class ProcessorEnd { Succeeded, Failed, Crashed };

// Starts it; `processed` and `newstate` are made empty first, and `state` is created if it is not there. The error says
// what the original's child would ("unable to run COMMAND").
Result<pid_t> start_processor(int directory, const std::string& command);

// Error: there is no such child.
Result<ProcessorEnd> wait_for_processor(pid_t processor);

}  // namespace upkeep::multilog
