#include "base/state_directory.h"

#include <algorithm>

namespace upkeep {

std::string state_directory(const char* setting, const std::string& directory) {
  const std::string name = setting != nullptr && *setting != '\0' ? setting : "supervise";
  if (name.front() != '/') return name;
  std::string below = directory;
  if (!below.empty()) std::replace(below.begin() + 1, below.end(), '/', ':');
  return name + below;
}

}  // namespace upkeep
