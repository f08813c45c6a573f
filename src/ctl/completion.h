// What Tab offers in the shell (supervisorctl.py Controller.complete()). Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/replies.h"

namespace upkeep::ctl {

struct Completion {
  std::string word;                     // what stands before the cursor and is to be completed
  std::vector<std::string> candidates;  // that start with it; each ends in a blank
};

// `line` is the text before the cursor. `processes` is asked only where the command takes names.
Completion complete(std::string_view line, const std::function<std::vector<ProcessInfo>()>& processes);

std::string common_start(const std::vector<std::string>& texts);

}  // namespace upkeep::ctl
