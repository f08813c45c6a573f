// Programs whose end is the daemon's (essential=true). Pure.
#pragma once

#include <optional>

#include "core/process.h"

namespace upkeep::core {

inline constexpr int kExitCodeOfSignal = 128;  // plus its number, as shells have it
inline constexpr int kNoExitCode = 1;          // for an end that left none, or none that tells of a failure

// The daemon's exit code, once the process of an essential program has ended for good: by itself, and it will not be
// started again. nullopt: that has not happened. A process that was asked to stop is STOPPED, and no reason to end.
// `last`: how its last child ended.
//
//   EXITED  the child's exit code, or 128 + the signal that ended it
//   FATAL   the same of the last start, unless that looks like success or did not even lead to a child: then 1
std::optional<int> final_exit_code(const Phase& phase, const ExitStatus& last);

}  // namespace upkeep::core
