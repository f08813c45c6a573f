// `upkeep COMMAND`: what has no name of its own as an applet.
#pragma once

#include <string_view>

namespace upkeep::app {

struct Command {
  std::string_view name;
  int (*main)(int argc, char** argv);
  const char* help;
};

const Command* find_command(std::string_view name);  // null: there is none
void print_commands();

}  // namespace upkeep::app
