// The texts from which envdir and envini take variables. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace upkeep::daemontools {

struct Variable {
  std::string name;
  std::string value;
  bool operator==(const Variable&) const = default;
};

// The value that a file of an envdir holds: its first line without trailing blanks and tabs, NULs turned to newlines.
// None: the file is empty, the variable is to be removed.
std::optional<std::string> envdir_value(std::string_view content);

// The variables of an ini file of envini (daemontools-encore), in order:
//   [web]          a section: its name and "_" go before the names that follow
//   port = 80      a variable, here web_port; blanks around the name and the value do not count
//   ; text         a comment; # begins none
// Lines without "=" mean nothing, nor does a name with blanks in it. A value ends at a NUL, as an environment's must.
std::vector<Variable> envini_variables(std::string_view text, std::string_view prefix);

}  // namespace upkeep::daemontools
