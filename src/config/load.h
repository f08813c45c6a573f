// Command line and files → the typed configuration.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/world.h"
#include "config/checked.h"
#include "config/model.h"

namespace upkeep::config {

struct HelpWanted {};     // -h, -?, --help
struct VersionWanted {};  // -v, --version

// What supervisord was asked to do. argv[0] is the path the program was started by (looked up in PATH when it has no
// slash, see resolved_argv0); it decides the search path of the configuration file.
// Error: the text for "Error: <text>\nFor help, use <argv0> -h\n" and exit status 2. Where a file is to blame, the
// LoadError's text is Supervisor's to the letter; its `where` adds our file:line for the log.
using Loaded = std::variant<Config, HelpWanted, VersionWanted, LoadError>;

Loaded load_supervisord(const std::vector<std::string>& argv, World& world);

std::string supervisord_usage(const std::string& argv0);  // the help text, ends with two newlines

// argv0 as a script would see it: a name without a slash becomes the first existing file of that name in PATH.
std::string resolved_argv0(const std::string& argv0, World& world);

}  // namespace upkeep::config
