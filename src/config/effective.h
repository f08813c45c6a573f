// What each program really runs with: every key of its section with the value that counts in the end, and where that
// comes from.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/world.h"
#include "config/checked.h"
#include "config/ini.h"

namespace upkeep::config {

struct EffectiveValue {
  std::string key;
  std::optional<std::string> value;  // expanded, as one would write it; nullopt: nothing
  std::optional<Origin> origin;      // nullopt: the default
};

struct EffectiveProcess {
  std::string group, name;
  std::string section;  // "program:web"
  Origin origin;        // of its header
  std::vector<EffectiveValue> values;
};

struct EffectiveConfig {
  std::string file;
  std::vector<EffectiveProcess> processes;  // in start order
};

// `file` as -c has it; without it the file is searched for as supervisord does.
std::variant<EffectiveConfig, LoadError> effective_config(const std::optional<std::string>& file, World& world);

}  // namespace upkeep::config
