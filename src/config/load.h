// Command line and files → the typed configuration.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/model.h"
#include "base/world.h"

namespace upkeep::config {

struct HelpWanted {};     // -h, -?, --help
struct VersionWanted {};  // -v, --version

// What supervisord was asked to do. argv[0] is the path the program was started by (resolved through PATH when it
// had no slash); it decides the search path of the configuration file.
// Error: the text for "Error: <text>\nFor help, use <argv0> -h\n" and exit status 2. Where a file is to blame, the
// Error's text is Supervisor's to the letter; `LoadError::where` adds our file:line for the log.
struct LoadError {
  std::string text;   // Supervisor's words
  std::string where;  // "/etc/supervisord.conf:12", or empty
};
using Loaded = std::variant<Config, HelpWanted, VersionWanted, LoadError>;

Loaded load_supervisord(const std::vector<std::string>& argv, World& world);

std::string supervisord_usage(const std::string& argv0);  // the help text, ends with two newlines

}  // namespace upkeep::config
