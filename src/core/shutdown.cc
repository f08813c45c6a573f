#include "core/shutdown.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace upkeep::core {

StopSequence::StopSequence(std::vector<std::string> groups_in_start_order) : left_(std::move(groups_in_start_order)) {}

std::optional<std::string> StopSequence::current(const std::function<bool(const std::string& group)>& is_stopped) {
  while (!left_.empty() && is_stopped(left_.back())) left_.pop_back();
  if (left_.empty()) return std::nullopt;
  return left_.back();
}

std::vector<std::size_t> start_order(const std::vector<int>& priorities) {
  std::vector<std::size_t> order(priorities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t index) { return priorities[index]; });
  return order;
}

std::vector<std::size_t> stop_order(const std::vector<int>& priorities) {
  auto order = start_order(priorities);
  std::ranges::reverse(order);
  return order;
}

}  // namespace upkeep::core
