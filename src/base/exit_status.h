// How a process ended, and the words Supervisor uses for it.
#pragma once

#include <optional>
#include <string>

namespace upkeep {

struct ExitStatus {
  enum class Kind { Exited, Signalled, Unknown };  // Unknown: the keeper was replaced and could not wait for it
  Kind kind = Kind::Unknown;
  int value = 0;  // exit code or signal number
  bool core_dumped = false;

  static ExitStatus from_wait(int wait_status);
  // What getProcessInfo shows: the exit code; -1 for anything else.
  int code() const { return kind == Kind::Exited ? value : -1; }
  // "exit status 3", "terminated by SIGTERM (core dumped)", "unknown termination cause 0x0000"
  std::string describe() const;
  bool operator==(const ExitStatus&) const = default;
};

}  // namespace upkeep
