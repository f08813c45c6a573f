#include "ctl/input_line.h"

#include <algorithm>

#include "base/text.h"

namespace upkeep::ctl {
namespace {

bool is_command_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

InputLine parse_input_line(std::string_view typed) {
  InputLine line{std::string{trim(typed)}, {}, {}};
  if (line.text.starts_with('?')) line.text.replace(0, 1, "help ");
  const auto end = std::find_if_not(line.text.begin(), line.text.end(), is_command_character);
  line.command.assign(line.text.begin(), end);
  line.argument = trim({end, line.text.end()});
  return line;
}

}  // namespace upkeep::ctl
