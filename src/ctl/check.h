// `upkeep check`: what is wrong or surprising with a configuration, as text for people or as JSON (docs/check.md).
//
// Exit statuses: 0 nothing, or surprises alone; 1 warnings; 2 errors, supervisord would refuse the file; 3 wrong use.
#pragma once

#include <string>

#include "config/check.h"

namespace upkeep::ctl {

int check_main(int argc, char** argv);

std::string report_text(const config::CheckReport& report);  // ends with a newline
std::string report_json(const config::CheckReport& report);  // likewise

// With `strict` a surprise counts as a warning.
int exit_status_of(const config::CheckReport& report, bool strict);

}  // namespace upkeep::ctl
