// What the parts of one load share.
#pragma once

#include <string>
#include <vector>

#include "base/world.h"
#include "config/checked.h"
#include "config/expand.h"
#include "config/ini.h"
#include "config/model.h"
#include "config/settings.h"

namespace upkeep::config {

struct Loading {
  World& world;
  std::string file;  // the main file as given
  std::string here;  // its directory, absolute
  std::string host;
  Names environment;  // ENV_*: of the daemon, and after [supervisord] is read also of its environment=
  Ini ini;
  std::vector<Notice> notices;  // in the order they came up
  OutputSettings output{};      // of [supervisord]

  void warn(std::string text) { notices.push_back({LogLevel::Warn, std::move(text)}); }
  Names names_here() const {
    Names names = environment;
    names["here"] = here;
    return names;
  }
  Names names_host() const {
    Names names = names_here();
    names["host_node_name"] = host;
    return names;
  }
};

// Adds ENV_<name> for each pair.
void add_environment(Names& names, const Environment& environment);

// The main file and what its [include] names, in one Ini. Notices: each file included, each pattern without a match.
Checked<> read_files(Loading& loading);

// Warns where others than root and this process's user may change the file, or put another in its place.
void warn_if_exposed(Loading& loading, const std::string& path);

// The groups that the daemon runs, in start order (priority, then name), without server URLs. Each program that no
// group names forms one of its own. `shared` is [supervisord] environment.
Checked<std::vector<Group>> read_groups(Loading& loading, const Environment& shared);

// The processes that a section [program:x] makes in a group, sorted by name. Errors end in
// " in section 'program:x' (file: '/etc/x.conf')".
Checked<std::vector<Process>> read_program(Loading& loading, const Section& section, const std::string& group);

// Makes the logs of the process out of stdout_logfile, stderr_logfile and redirect_stderr. Warns of what can hardly be
// meant.
void settle_logs(Loading& loading, const Section& section, ProgramSettings& settings);

// Settles how the output of a process looks, which has its name. Error: a prefix that cannot be expanded or is no line.
Checked<> settle_looks(Loading& loading, const Section& section, const Names& names, ProgramSettings& settings);

// The groups that a section [eventlistener:x] or an [fcgi-program:x] outside of [group:x] makes.
Checked<Group> read_listener_pool(Loading& loading, const Section& section);
Checked<Group> read_fcgi_program(Loading& loading, const Section& section);

// The group of a section [svscan:x]: no processes yet, but where to find them. Errors end as those of programs.
Checked<Group> read_service_group(Loading& loading, const Section& section);

Checked<std::vector<InetServer>> read_inet_servers(Loading& loading);
Checked<std::vector<UnixServer>> read_unix_servers(Loading& loading);
// Those that can be answered. Another factory is Python code: its section is checked, then left out with a warning.
Checked<std::vector<RpcInterface>> read_rpc_interfaces(Loading& loading);

// Warns of sections and keys that nobody reads, each with what was probably meant.
void add_hints(Loading& loading);

}  // namespace upkeep::config
