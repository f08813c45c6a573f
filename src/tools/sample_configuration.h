// The sample that echo_supervisord_conf prints: every key of the table with its meaning, its kind of value and what
// holds without it. Only what a first start wants is set; all else is a comment that shows how it would be written.
#pragma once

#include <string>

namespace upkeep::tools {

std::string sample_configuration();  // a whole file

}  // namespace upkeep::tools
