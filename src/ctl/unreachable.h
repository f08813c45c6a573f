// What we add, on standard error, when the server cannot be reached: what was tried, why, and what may help. The
// original prints one line on standard output; that line and the exit status stay as they are.
#pragma once

#include <optional>
#include <string>

#include "ctl/failure.h"

namespace upkeep::ctl {

struct Attempted {
  std::string url;
  std::string url_source;                    // "serverurl in the configuration", "option -s" ...
  std::optional<std::string> configuration;  // the file that was read
  std::string program = "supervisorctl";     // who says it
};

std::string explain_unreachable(const Failure& failure, const Attempted& attempted);  // lines, each ends in LF

}  // namespace upkeep::ctl
