// supervisord's command line: the grammar of Python's getopt, the options of Supervisor options.py.
//
// Options stop at the first word that is not one; "-iX" and "-i X" are equal; long names may be cut to a unique prefix
// and take "--name value" or "--name=value". Everything but -c, help and version is a key of [supervisord] (keys.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/load.h"
#include "config/settings.h"

namespace upkeep::config {

struct CommandLine {
  std::optional<std::string> file;            // -c
  std::map<std::string, std::string> values;  // key of [supervisord] → text, already checked
};

// Errors: "option -x not recognized", "option -c requires argument", "option --nodaemon must not have an argument",
// "option --log not a unique prefix", "conflicting command line option '-n'", "positional arguments are not
// supported: ['foo']", "invalid value for -e 'foo': bad logging level name 'foo'".
std::variant<CommandLine, HelpWanted, VersionWanted, LoadError> parse_command_line(const std::vector<std::string>& argv,
                                                                                   World& world);

// Lays the command line's values over those of the file.
void apply(const CommandLine& line, World& world, DaemonSettings& settings);

// The places where a configuration file is looked for without -c, in order.
std::vector<std::string> search_paths(const std::string& argv0);

// What root is told on standard error when there is no -c.
inline constexpr std::string_view kSearchWarning =
    "Supervisord is running as root and it is searching for its configuration file in default locations (including "
    "its current working directory); you probably want to specify a \"-c\" argument specifying an absolute path to a "
    "configuration file for improved security.";

}  // namespace upkeep::config
