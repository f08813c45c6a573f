// The typed configuration: what one load of the files and the command line mean. Immutable once built. Equality is that
// of all values; what `reread` calls a change is another matter, see comparison.h.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/dialect.h"
#include "base/log_level.h"
#include "base/output_format.h"
#include "base/time.h"
#include "core/policy.h"

namespace upkeep::config {

using Environment = std::vector<std::pair<std::string, std::string>>;  // sorted by name, unique

struct Identity {    // what a process runs as
  std::string name;  // as written
  uid_t uid = 0;
  gid_t gid = 0;              // primary group
  std::vector<gid_t> groups;  // primary group first, then every group that lists the user
  bool operator==(const Identity&) const = default;
};

struct LogTarget {
  enum class Kind { None, Auto, File };
  Kind kind = Kind::Auto;
  std::string path;  // File only; relative paths are relative to the daemon's directory at spawn
  bool operator==(const LogTarget&) const = default;
};

struct ChannelLog {  // stdout_* or stderr_* of a program
  LogTarget target;
  std::int64_t max_bytes = 50 << 20;  // 0: never rotate
  int backups = 10;
  std::int64_t capture_max_bytes = 0;  // non-zero enables capture
  bool events_enabled = false;
  bool syslog = false;
  OutputFormat format = OutputFormat::Raw;  // of the target
  std::string prefix{};                     // of its lines, with the blank behind it
  bool operator==(const ChannelLog&) const = default;
};

// "group:process" in bytes; the keeper stores no longer names. A process with a longer one cannot be started.
inline constexpr std::size_t kProcessNameBytesMax = 256;

// One process: a program expanded for one process_num.
struct Process {
  std::string name;     // process_name, expanded
  std::string group;    // of the group it runs in
  std::string program;  // of the section
  std::string command;  // split only at spawn, so that bad quoting is a spawn error
  std::optional<std::string> directory;
  std::optional<mode_t> umask;
  std::optional<Identity> identity;
  Environment environment;          // the global one overlaid by the program's
  std::string server_url;           // SUPERVISOR_SERVER_URL; empty: not set
  bool has_own_server_url = false;  // serverurl= names one; else it is Config::server_url
  int priority = 999;
  core::Policy policy;
  bool essential = false;  // its end is the daemon's
  bool redirect_stderr = false;
  ChannelLog out, err;  // err.target is None with redirect_stderr
  bool operator==(const Process&) const = default;
};

// The socket that the processes of an [fcgi-program] share as descriptor 0.
struct FcgiSocket {
  std::string url;             // "tcp://host:port" with the host in lower case, or "unix:///path"
  std::optional<uid_t> owner;  // unix: of the socket file, unless unchanged
  std::optional<gid_t> group;
  mode_t mode = 0700;
  std::optional<int> backlog;  // unset: the system's largest
  bool operator==(const FcgiSocket&) const = default;
};

// The one that takes "OK" for acceptance and anything else for a rejection.
inline constexpr std::string_view kDefaultResultHandler = "supervisor.dispatchers:default_handler";

// What an [eventlistener] pool subscribes to.
struct EventSubscription {
  std::vector<std::string> types;  // upper case, sorted, unique; a type stands for its subtypes, too
  int buffer_size = 10;            // events that wait while every listener is busy
  // As written. One that is not Supervisor's own is Python code, which often takes any answer (supervisor_stdout:
  // event_handler); the default would reject them all, and each rejected event comes again.
  std::string result_handler;
  bool operator==(const EventSubscription&) const = default;
};

// Where the processes of a group come from when no sections describe them: service directories as daemontools has them,
// each with an executable `run`. Which there are is seen while the daemon runs.
struct ServiceSource {
  enum class Kind { Scan, Single };
  Kind kind = Kind::Scan;
  std::string directory;                // absolute; Scan: its entries are the service directories; Single: it is one
  std::string shown;                    // Single: as given on the command line, for messages
  Dialect dialect = Dialect::Original;  // of daemontools
  bool shares_stdio = false;  // the processes have the daemon's own stdio, as under svscan; else logs of theirs
  Process process;            // what each begins with: group, priority, environment, logs; no name or command
  bool operator==(const ServiceSource&) const = default;
};

struct Group {
  enum class Kind { Program, Group, FcgiProgram, EventListener, Services };
  Kind kind = Kind::Program;
  std::string name;
  int priority = 999;
  std::vector<Process> processes;             // in start order
  std::optional<FcgiSocket> socket{};         // FcgiProgram only
  std::optional<EventSubscription> events{};  // EventListener only
  std::optional<ServiceSource> services{};    // Services only
  bool operator==(const Group&) const = default;
};

// Calls it with each process that the configuration knows of, and with what services begin with.
template <class Do>
void for_each_process(Group& group, Do&& with) {
  for (Process& process : group.processes) with(process);
  if (group.services) with(group.services->process);
}

struct Credentials {
  std::string username, password;  // password plain or "{SHA}" + hex
  bool operator==(const Credentials&) const = default;
};

struct UnixServer {
  std::string section;  // "unix_http_server" or "unix_http_server:x"
  std::string path;     // absolute
  mode_t mode = 0700;
  std::optional<uid_t> owner;
  std::optional<gid_t> group;
  std::optional<Credentials> credentials;  // an empty username counts as none, as in Supervisor
  bool operator==(const UnixServer&) const = default;
};

struct InetServer {
  std::string section;  // "inet_http_server" or "inet_http_server:x"
  std::string host;     // lower case; empty: all interfaces
  int port = 0;
  std::optional<Credentials> credentials;  // as above
  std::vector<std::string> host_names{};   // more names by which browsers may reach it, as written
  bool operator==(const InetServer&) const = default;
};

struct RpcInterface {
  std::string name, factory;
  bool operator==(const RpcInterface&) const = default;
};

enum class Face { Supervisord, Svscan, Supervise };  // which program the daemon is started as

struct Daemon {         // [supervisord] with the command line laid over it; paths absolute
  std::string logfile;  // "syslog" means syslog
  std::int64_t logfile_max_bytes = 50 << 20;
  int logfile_backups = 10;
  LogLevel log_level = LogLevel::Info;
  std::string pidfile;
  std::string identifier = "supervisor";
  std::string child_log_dir;
  bool no_daemon = false;
  bool silent = false;
  bool no_cleanup = false;
  bool strip_ansi = false;
  int min_fds = 1024;
  int min_procs = 200;
  mode_t umask = 022;
  std::optional<std::string> directory;
  std::optional<Identity> identity;
  // Programs have a directory below this one, where svstat, svc and svok find them; empty: none have.
  std::string service_dir;
  std::optional<Duration> stop_grace;           // for the whole end, then comes SIGKILL; unset: as long as it takes
  OutputFormat log_format = OutputFormat::Raw;  // Json: the log's lines on standard output are objects, too
  Face face =
      Face::Supervisord;  // the other two have neither log, pidfile nor servers: they complain on standard error
  bool operator==(const Daemon&) const = default;
};

struct Notice {  // something worth a line in the activity log once it is open
  LogLevel level;
  std::string text;
  bool operator==(const Notice&) const = default;
};

struct Config {
  std::string file;  // the main configuration file as given
  Daemon daemon;
  std::vector<Group> groups;             // in start order: priority, then name
  std::vector<InetServer> inet_servers;  // opened before the unix ones
  std::vector<UnixServer> unix_servers;
  std::vector<RpcInterface> rpc_interfaces;
  std::vector<Notice> notices;  // in the order to log: all CRIT, all WARN, all INFO
  std::string server_url;       // what programs get as SUPERVISOR_SERVER_URL unless they say otherwise; empty: none
  std::string warning;          // for standard error at the very start, see kSearchWarning; empty: none
  bool operator==(const Config&) const = default;
};

}  // namespace upkeep::config
