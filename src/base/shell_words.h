// A command line split into words as Python's shlex.split does (POSIX mode), which is how Supervisor reads command=.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace upkeep {

// Blanks, tabs and newlines separate. Single quotes are literal; in double quotes a backslash escapes only `"` and `\`;
// elsewhere it escapes any character. '' is an empty word. # is nothing special. No shell: no variables, no patterns.
// Errors: "No closing quotation", "No escaped character".
Result<std::vector<std::string>> split_shell_words(std::string_view text);

}  // namespace upkeep
