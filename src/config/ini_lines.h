// What the lines of an ini file are made of. How they go together is ini.h's matter.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace upkeep::config {

// Where the comment of a line begins; npos: none. Like the original, both marks are searched in step, and the search
// ends with the first step that finds a comment: in "a#b # c ; d" that is the one at the semicolon.
std::size_t comment_start(std::string_view line);

// All between the first and the last bracket; empty: no header.
std::string_view header_name(std::string_view text);

// Takes the next line, with its end as one '\n' (the last line may have none), whatever ended it in the file.
std::string take_line(std::string_view& rest);

}  // namespace upkeep::config
