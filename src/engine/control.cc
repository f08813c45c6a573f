#include "engine/control.h"

namespace upkeep::engine {

std::string_view name_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::UnknownMethod: return "UNKNOWN_METHOD";
    case Refusal::IncorrectParameters: return "INCORRECT_PARAMETERS";
    case Refusal::BadArguments: return "BAD_ARGUMENTS";
    case Refusal::SignatureUnsupported: return "SIGNATURE_UNSUPPORTED";
    case Refusal::ShutdownState: return "SHUTDOWN_STATE";
    case Refusal::BadName: return "BAD_NAME";
    case Refusal::BadSignal: return "BAD_SIGNAL";
    case Refusal::NoFile: return "NO_FILE";
    case Refusal::NotExecutable: return "NOT_EXECUTABLE";
    case Refusal::Failed: return "FAILED";
    case Refusal::AbnormalTermination: return "ABNORMAL_TERMINATION";
    case Refusal::SpawnError: return "SPAWN_ERROR";
    case Refusal::AlreadyStarted: return "ALREADY_STARTED";
    case Refusal::NotRunning: return "NOT_RUNNING";
    case Refusal::AlreadyAdded: return "ALREADY_ADDED";
    case Refusal::StillRunning: return "STILL_RUNNING";
    case Refusal::CantReread: return "CANT_REREAD";
  }
  return "FAILED";
}

std::string Refused::text() const {
  const std::string name{name_of(code)};
  return detail ? name + ": " + *detail : name;
}

}  // namespace upkeep::engine
