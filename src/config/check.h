// All that is wrong or surprising with a configuration, at once and before anything runs: what supervisord would
// refuse, what would fail later, and what is read otherwise than it looks. Nothing is changed anywhere: the world is
// only asked. docs/check.md describes each rule.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/world.h"
#include "config/ini.h"
#include "config/model.h"

namespace upkeep::config {

enum class Severity {
  Surprise,  // works, but maybe not as it looks
  Warning,   // supervisord starts, and then something fails or is ignored
  Error,     // supervisord refuses the file
};

struct Finding {
  Severity severity;
  std::string rule;  // a stable name, "command-not-found"
  std::string file;
  int line = 0;                // 0: the file as a whole, or none at all
  int column = 0;              // from 1, in characters; 0: the line as a whole
  std::string text;            // of the line
  std::string what, why, fix;  // sentences without a full stop; why and fix may be empty
};

struct CheckReport {
  std::string file;               // the main file; empty: none was found
  std::vector<Finding> findings;  // by file in the order of reading, then by line

  std::size_t count(Severity severity) const;
};

// `file` as -c has it; without it the file is searched for as supervisord does. An error is found if and only if
// supervisord refuses the file.
CheckReport check(const std::optional<std::string>& file, World& world);

}  // namespace upkeep::config
