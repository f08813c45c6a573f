// A typed line → command word and argument (Python's cmd.Cmd parseline()).
#pragma once

#include <string>
#include <string_view>

namespace upkeep::ctl {

struct InputLine {
  std::string text;      // without blanks at the ends, "?x" already turned into "help x"; empty: nothing was typed
  std::string command;   // leading run of [A-Za-z0-9_]; empty: no command can be meant
  std::string argument;  // the rest, without blanks at the ends
};

InputLine parse_input_line(std::string_view typed);

}  // namespace upkeep::ctl
