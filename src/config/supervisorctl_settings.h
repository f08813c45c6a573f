// What supervisorctl takes from the configuration file: the section [supervisorctl], nothing else. [include] is not
// followed. The command line's own values (-s, -u, -p, -r) are laid over the result by the caller, each for itself.
// Source of the behaviour: Supervisor options.py ClientOptions.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/world.h"

namespace upkeep::config {

struct CtlSettings {
  std::string server_url = "http://localhost:9001";  // not checked; the path of unix:// is made absolute
  std::optional<std::string> username, password;     // nullopt: not set; an empty value is a value
  std::string prompt = "supervisor";
  std::optional<std::string> history_file;  // absolute
  std::optional<std::string> file;          // the configuration file that was read, as it was found
};

// `file` is what -c gave. Without it the first existing file of the search path is read, and the defaults apply when
// there is none. `argv0` is the path of the program; without a slash it is looked up in PATH.
// Error: the text after "Error: " for standard error; the exit status is 2.
Result<CtlSettings> load_supervisorctl(const std::optional<std::string>& file, const std::string& argv0, World& world);

}  // namespace upkeep::config
