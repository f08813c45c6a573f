// The keys that a reader should be told about in one kind of section.
#pragma once

#include <string_view>
#include <vector>

#include "config/keys.h"

namespace upkeep::tools {

// The keys of `section` ("program"), what must be given first. [eventlistener:x], [fcgi-program:x] and [svscan:x] take
// keys of a program, too: of those only `command`, and what means something else there than in [program:x].
std::vector<config::Key> section_keys(std::string_view section);

// The keys that section_keys() leaves out because they are as in [program:x].
std::vector<config::Key> keys_as_of_programs(std::string_view section);

}  // namespace upkeep::tools
