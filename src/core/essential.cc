#include "core/essential.h"

namespace upkeep::core {
namespace {

int exit_code_of(const ExitStatus& status) {
  switch (status.kind) {
    case ExitStatus::Kind::Exited: return status.value;
    case ExitStatus::Kind::Signalled: return kExitCodeOfSignal + status.value;
    case ExitStatus::Kind::Unknown: break;
  }
  return kNoExitCode;
}

}  // namespace

std::optional<int> final_exit_code(const Phase& phase, const ExitStatus& last) {
  if (const auto* exited = std::get_if<Exited>(&phase)) {
    if (exited->restart_at) return std::nullopt;
    return exit_code_of(exited->status);
  }
  if (const auto* fatal = std::get_if<Fatal>(&phase)) {
    const int code = fatal->why == kExitedTooQuickly ? exit_code_of(last) : kNoExitCode;
    return code == 0 ? kNoExitCode : code;
  }
  return std::nullopt;
}

}  // namespace upkeep::core
