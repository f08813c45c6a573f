// The value of environment=: KEY=value pairs separated by commas.
// Source of the behaviour: Supervisor 4.2.5 and 4.3.0 datatypes.py dict_of_key_value_pairs(), which reads Python's
// non-POSIX shlex tokens in fours: key, "=", value, any one separator.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/model.h"

namespace upkeep::config {

// Words are made of letters, digits and _/.+-():, a quoted text is one word, # comments to the end of the line, any
// other character is a word of its own. Quotes at both ends of a value are dropped, all of both kinds; a backslash is
// an ordinary character. The last of equal keys wins.
// Errors: "No closing quotation", "Unexpected end of key/value pairs in value 'A=1,B'".
Result<Environment> parse_environment(std::string_view text);

// `over` laid over `under`.
Environment merged(const Environment& under, const Environment& over);

}  // namespace upkeep::config
