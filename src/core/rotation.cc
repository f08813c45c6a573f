#include "core/rotation.h"

namespace upkeep::core {

bool is_rotation_due(std::int64_t position, std::int64_t max_bytes) { return max_bytes > 0 && position >= max_bytes; }

std::vector<RotationStep> plan_rotation(int backups, const std::set<int>& existing) {
  if (backups <= 0) return {};
  std::vector<RotationStep> steps;
  std::set<int> present = existing;
  const auto move_up = [&](int number) {
    if (present.erase(number + 1) > 0) steps.emplace_back(RemoveFile{number + 1});
    steps.emplace_back(RenameFile{number, number + 1});
    present.erase(number);
    present.insert(number + 1);
  };
  // From the oldest that stays: only what exists is visited, so that a huge number of backups costs nothing.
  const std::vector<int> numbers(existing.lower_bound(1), existing.lower_bound(backups));
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) move_up(*number);
  move_up(0);
  return steps;
}

std::string backup_path(const std::string& path, int number) {
  return number == 0 ? path : path + "." + std::to_string(number);
}

}  // namespace upkeep::core
