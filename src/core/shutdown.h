// The orderly end: in which order groups and processes stop. Pure; the engine asks after every change and signals
// whoever it is told to.
//
// Groups stop strictly one after another, from the last in start order to the first: a group is signalled only when
// every later one is dead, so stop times add up (Supervisor runforever() and its stop_groups). Groups that are stopped
// already cost nothing: the original spends up to a second on each.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace upkeep::core {

class StopSequence {
 public:
  explicit StopSequence(std::vector<std::string> groups_in_start_order);

  // The group whose turn it is; none: all are stopped. Passes over groups of which `is_stopped` says that every process
  // is in a stopped state. To ask again is harmless, and so is to repeat GiveUpAsked to the group's processes.
  std::optional<std::string> current(const std::function<bool(const std::string& group)>& is_stopped);
  bool done() const { return left_.empty(); }

 private:
  std::vector<std::string> left_;  // the last one's turn
};

// Indices of a group's processes, whose priorities are given in stored order, in the order to act on them.
// Starting: priority ascending, equal ones as stored. Stopping: exactly the reverse.
std::vector<std::size_t> start_order(const std::vector<int>& priorities);
std::vector<std::size_t> stop_order(const std::vector<int>& priorities);

}  // namespace upkeep::core
