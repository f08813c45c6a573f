#include "events/payload.h"

#include <fmt/core.h>

#include "base/text.h"
#include "wire/utf8.h"

namespace upkeep::events {
namespace {

using core::State;

std::string names(const Subject& subject) {
  return fmt::format("processname:{} groupname:{}", subject.process, subject.group);
}

std::string readable(std::string_view data) {
  return wire::is_utf8(data) ? std::string{data} : "Undecodable: " + python_bytes_repr(data);
}

}  // namespace

std::string process_state_payload(const Subject& subject, const core::Publish& change) {
  std::string payload = fmt::format("{} from_state:{}", names(subject), core::name_of(change.from));
  switch (change.state) {
    case State::Starting:
    case State::Backoff: return payload + fmt::format(" tries:{}", change.tries);
    case State::Running:
    case State::Stopping:
    case State::Stopped: return payload + fmt::format(" pid:{}", subject.pid);
    case State::Exited: return payload + fmt::format(" expected:{} pid:{}", change.expected ? 1 : 0, subject.pid);
    case State::Fatal:
    case State::Unknown: break;
  }
  return payload;
}

std::string process_communication_payload(const Subject& subject, std::string_view data) {
  return fmt::format("{} pid:{}\n{}", names(subject), subject.pid, readable(data));
}

std::string process_log_payload(const Subject& subject, Stdio channel, std::string_view data) {
  return fmt::format("{} pid:{} channel:{}\n{}", names(subject), subject.pid,
                     channel == Stdio::Err ? "stderr" : "stdout", readable(data));
}

std::string remote_communication_payload(std::string_view type, std::string_view data) {
  return fmt::format("type:{}\n{}", type, data);
}

std::string tick_payload(std::int64_t when) { return fmt::format("when:{}", when); }

std::string process_group_payload(std::string_view group) { return fmt::format("groupname:{}\n", group); }

core::EventType type_of(State state) {
  using core::EventType;
  switch (state) {
    case State::Stopped: return EventType::ProcessStateStopped;
    case State::Starting: return EventType::ProcessStateStarting;
    case State::Running: return EventType::ProcessStateRunning;
    case State::Backoff: return EventType::ProcessStateBackoff;
    case State::Stopping: return EventType::ProcessStateStopping;
    case State::Exited: return EventType::ProcessStateExited;
    case State::Fatal: return EventType::ProcessStateFatal;
    case State::Unknown: break;
  }
  return EventType::ProcessStateUnknown;
}

}  // namespace upkeep::events
