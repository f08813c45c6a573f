// The types of events that listeners subscribe to (Supervisor events.py). A subscription names a type or one of the
// families above it: PROCESS_STATE stands for all PROCESS_STATE_*, EVENT for everything. Only leaves are ever sent.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace upkeep::core {

enum class EventType {
  ProcessStateStarting,
  ProcessStateRunning,
  ProcessStateBackoff,
  ProcessStateStopping,
  ProcessStateExited,
  ProcessStateStopped,
  ProcessStateFatal,
  ProcessStateUnknown,
  ProcessCommunicationStdout,
  ProcessCommunicationStderr,
  ProcessLogStdout,
  ProcessLogStderr,
  RemoteCommunication,
  SupervisorStateChangeRunning,
  SupervisorStateChangeStopping,
  Tick5,
  Tick60,
  Tick3600,
  ProcessGroupAdded,
  ProcessGroupRemoved,
};
inline constexpr int kEventTypes = 20;

std::string_view name_of(EventType type);  // "PROCESS_STATE_STARTING"
std::optional<EventType> event_type(std::string_view name);

// All that a subscription may name, families included, in upper case.
const std::vector<std::string_view>& event_names();
bool is_event_name(std::string_view name);

// Whether a subscription to `name` wants events of this type.
bool covers(std::string_view name, EventType type);

}  // namespace upkeep::core
