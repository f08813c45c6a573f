#include "core/event_type.h"

#include <algorithm>
#include <array>

namespace upkeep::core {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, kEventTypes> kLeaves = {
    "PROCESS_STATE_STARTING",
    "PROCESS_STATE_RUNNING",
    "PROCESS_STATE_BACKOFF",
    "PROCESS_STATE_STOPPING",
    "PROCESS_STATE_EXITED",
    "PROCESS_STATE_STOPPED",
    "PROCESS_STATE_FATAL",
    "PROCESS_STATE_UNKNOWN",
    "PROCESS_COMMUNICATION_STDOUT",
    "PROCESS_COMMUNICATION_STDERR",
    "PROCESS_LOG_STDOUT",
    "PROCESS_LOG_STDERR",
    "REMOTE_COMMUNICATION",
    "SUPERVISOR_STATE_CHANGE_RUNNING",
    "SUPERVISOR_STATE_CHANGE_STOPPING",
    "TICK_5",
    "TICK_60",
    "TICK_3600",
    "PROCESS_GROUP_ADDED",
    "PROCESS_GROUP_REMOVED",
};
constexpr std::string_view kEverything = "EVENT";
constexpr std::array<std::string_view, 7> kFamilies = {
    kEverything, "PROCESS_STATE", "PROCESS_COMMUNICATION", "PROCESS_LOG", "SUPERVISOR_STATE_CHANGE",
    "TICK",      "PROCESS_GROUP",
};

}  // namespace

std::string_view name_of(EventType type) { return kLeaves[static_cast<std::size_t>(type)]; }

std::optional<EventType> event_type(std::string_view name) {
  const auto found = std::find(kLeaves.begin(), kLeaves.end(), name);
  if (found == kLeaves.end()) return std::nullopt;
  return static_cast<EventType>(found - kLeaves.begin());
}

const std::vector<std::string_view>& event_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names{kFamilies.begin(), kFamilies.end()};
    names.insert(names.end(), kLeaves.begin(), kLeaves.end());
    return names;
  }();
  return kNames;
}

bool is_event_name(std::string_view name) {
  const auto& names = event_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool covers(std::string_view name, EventType type) {
  const std::string_view leaf = name_of(type);
  if (name == kEverything || name == leaf) return true;
  const bool is_family = std::find(kFamilies.begin(), kFamilies.end(), name) != kFamilies.end();
  return is_family && leaf.starts_with(name) && leaf.substr(name.size()).starts_with('_');
}

}  // namespace upkeep::core
