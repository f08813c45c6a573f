#include "base/exit_status.h"

#include <fmt/core.h>
#include <sys/wait.h>

#include "base/signals.h"

namespace upkeep {

ExitStatus ExitStatus::from_wait(int wait_status) {
  if (WIFEXITED(wait_status)) return {Kind::Exited, WEXITSTATUS(wait_status), false};
  if (WIFSIGNALED(wait_status)) return {Kind::Signalled, WTERMSIG(wait_status), WCOREDUMP(wait_status) != 0};
  return {};
}

std::string ExitStatus::describe() const {
  switch (kind) {
    case Kind::Exited: return fmt::format("exit status {}", value);
    case Kind::Signalled:
      return fmt::format("terminated by {}{}", signal_name(value), core_dumped ? " (core dumped)" : "");
    case Kind::Unknown: break;
  }
  return "unknown termination cause 0x0000";
}

}  // namespace upkeep
