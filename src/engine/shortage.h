// Starts that failed because the system, not the program, is at its end: no processes, descriptors or memory to be had.
// They are tried again for as long as that lasts and count as no failed start (core::SpawnFailed).
#pragma once

#include <sys/resource.h>

#include <optional>
#include <string>

#include "wire/keeper_messages.h"

namespace upkeep::engine {

struct SpawnLimits {  // nullopt: not ours to know
  std::optional<rlim_t> files, processes;
};
SpawnLimits limits_of(pid_t pid);

// What is wanting to `who`, the keeper as a rule, for the log: "file descriptors: the limit of pid 17, RLIMIT_NOFILE,
// is 64 (see minfds)". nullopt: the start failed for another reason.
std::optional<std::string> shortage_behind(const wire::SpawnFailed& fact, pid_t who, const SpawnLimits& limits);

}  // namespace upkeep::engine
