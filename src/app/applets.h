// What the one binary can be: the name it is started by, or its first argument, chooses.
#pragma once

#include <string_view>

namespace upkeep::app {

struct Applet {
  const char* name;
  int (*main)(int argc, char** argv);
  const char* help;  // one line; null: internal, not listed
};

const Applet* find_applet(std::string_view name);
void print_applets();  // one line each, on stdout

}  // namespace upkeep::app
