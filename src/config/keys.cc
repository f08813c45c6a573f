#include "config/keys.h"

#include <type_traits>

namespace upkeep::config {
namespace {

template <class T>
struct Type {
  std::string_view word;
  Result<T> (*convert)(const std::string&, World&);
  int expansions = 1;
};

constexpr Type<std::string> kText{"text", to_text};
constexpr Type<bool> kBoolean{"boolean", to_boolean};
constexpr Type<int> kInteger{"integer", to_integer};
constexpr Type<std::int64_t> kLong{"integer", to_long};
constexpr Type<Duration> kSeconds{"seconds", to_seconds};
constexpr Type<std::int64_t> kByteSize{"byte size", to_byte_size};
constexpr Type<mode_t> kOctal{"octal", to_octal};
constexpr Type<LogLevel> kLevel{"log level", to_level};
constexpr Type<std::string> kDirectory{"existing directory", to_existing_directory};
constexpr Type<std::string> kFile{"file in an existing directory", to_existing_dirpath};
constexpr Type<LogfileValue> kLogfile{"log file, NONE or AUTO", to_logfile, 2};
constexpr Type<int> kSignal{"signal", to_signal};
constexpr Type<std::vector<int>> kExitCodes{"exit codes", to_exit_codes};
constexpr Type<core::Restart> kRestart{"boolean or unexpected", to_restart};
constexpr Type<Identity> kUser{"user", to_identity};
constexpr Type<mode_t> kSocketMode{"octal", to_socket_mode};
constexpr Type<Owner> kSocketOwner{"user[:group]", to_socket_owner};
constexpr Type<std::vector<std::string>> kList{"list", to_list};
// Kept as Given: nothing to convert yet.
constexpr Type<Given> kUserLater{"user", nullptr};
constexpr Type<Given> kFormat{"text", nullptr, 0};
constexpr Type<Given> kPairs{"KEY=value pairs", nullptr, 0};

template <auto First, auto... Rest>
auto& field(auto& object) {
  if constexpr (sizeof...(Rest) == 0) {
    return object.*First;
  } else {
    return field<Rest...>(object.*First);
  }
}

template <class S, class M>
S owner_of(M S::*);
template <auto First>
using OwnerOf = decltype(owner_of(First));

// A row of a table. The members lead from the section's structure to the one that takes the value.
template <auto First, auto... Rest, class T>
auto row(std::string_view name, const Type<T>& type, std::optional<std::string_view> fallback, Scope scope,
         std::string_view since, std::string_view doc, std::optional<Option> option = std::nullopt) {
  using S = OwnerOf<First>;
  Setting<S> setting{{{}, name, type.word, fallback, scope, type.expansions, since, doc, option}, nullptr};
  if constexpr (std::is_same_v<T, Given>) {
    setting.store = [](S& settings, const Given& given, World&) -> Result<> {
      field<First, Rest...>(settings) = given;
      return {};
    };
  } else {
    setting.store = [convert = type.convert](S& settings, const Given& given, World& world) -> Result<> {
      field<First, Rest...>(settings) = TRY(convert(given.text, world));
      return {};
    };
  }
  return setting;
}

template <class S>
Table<S> table(std::string_view section, Table<S> rows) {
  for (auto& setting : rows) setting.key.section = section;
  return rows;
}

constexpr auto kNone = std::nullopt;
constexpr Option long_only() { return {}; }
constexpr Option with_value(char letter) { return {letter, false}; }
constexpr Option flag(char letter) { return {letter, true}; }

constexpr auto kDaemon = &DaemonSettings::daemon;
constexpr auto kProcess = &ProgramSettings::process;
constexpr auto kPolicy = &Process::policy;
using core::Policy;

}  // namespace

const Table<IncludeSettings>& include_table() {
  static const auto kTable = table<IncludeSettings>(
      "include", {row<&IncludeSettings::files>("files", kText, kNone, Scope::Host, "3.0",
                                               "Files to read as well, separated by blanks; * ? [] match names.")});
  return kTable;
}

// Errors appear in the order of the rows, which is Supervisor's.
const Table<DaemonSettings>& daemon_table() {
  using S = DaemonSettings;
  constexpr auto kScope = Scope::Here;
  static const auto kTable = table<S>(
      "supervisord",
      {
          row<kDaemon, &Daemon::min_fds>("minfds", kInteger, "1024", kScope, "3.0",
                                         "File descriptors that must be available.", with_value('a')),
          row<kDaemon, &Daemon::min_procs>("minprocs", kInteger, "200", kScope, "3.0",
                                           "Processes that must be available.", long_only()),
          row<kDaemon, &Daemon::directory>("directory", kDirectory, kNone, kScope, "3.0",
                                           "Directory to change to when daemonizing.", with_value('d')),
          row<&S::user>("user", kUserLater, kNone, kScope, "3.0", "User to run as.", with_value('u')),
          row<kDaemon, &Daemon::umask>("umask", kOctal, "022", kScope, "3.0", "File mode mask when daemonizing.",
                                       with_value('m')),
          row<kDaemon, &Daemon::logfile>("logfile", kFile, "supervisord.log", kScope, "3.0",
                                         "Activity log; \"syslog\" means the system log.", with_value('l')),
          row<kDaemon, &Daemon::logfile_max_bytes>("logfile_maxbytes", kByteSize, "50MB", kScope, "3.0",
                                                   "Size at which the activity log is rotated; 0: never.",
                                                   with_value('y')),
          row<kDaemon, &Daemon::logfile_backups>("logfile_backups", kInteger, "10", kScope, "3.0",
                                                 "Old activity logs to keep.", with_value('z')),
          row<kDaemon, &Daemon::log_level>("loglevel", kLevel, "info", kScope, "3.0",
                                           "critical, error, warn, info, debug, trace or blather.", with_value('e')),
          row<kDaemon, &Daemon::pidfile>("pidfile", kFile, "supervisord.pid", kScope, "3.0",
                                         "File that holds the process id.", with_value('j')),
          row<kDaemon, &Daemon::identifier>("identifier", kText, "supervisor", kScope, "3.0",
                                            "Name of this instance for clients and automatic log names.",
                                            with_value('i')),
          row<kDaemon, &Daemon::no_daemon>("nodaemon", kBoolean, "false", kScope, "3.0", "Stay in the foreground.",
                                           flag('n')),
          row<kDaemon, &Daemon::silent>("silent", kBoolean, "false", kScope, "4.2.0",
                                        "No copy of the log on standard output in the foreground.", flag('s')),
          row<&S::child_log_dir>("childlogdir", kDirectory, kNone, kScope, "3.0",
                                 "Directory of automatic log files; default: the system's for temporary files.",
                                 with_value('q')),
          row<kDaemon, &Daemon::no_cleanup>("nocleanup", kBoolean, "false", kScope, "3.0",
                                            "Keep the automatic log files of earlier runs.", flag('k')),
          row<kDaemon, &Daemon::strip_ansi>("strip_ansi", kBoolean, "false", kScope, "3.0",
                                            "Remove ANSI escape sequences from the programs' logs.", flag('t')),
          row<&S::environment>("environment", kPairs, "", Scope::Host, "3.0",
                               "Variables for every program; they also become ENV_ names for later sections."),
      });
  return kTable;
}

const Table<GroupSettings>& group_table() {
  static const auto kTable = table<GroupSettings>(
      "group", {
                   row<&GroupSettings::programs>("programs", kList, "", Scope::Here, "3.0",
                                                 "Programs that make up the group, separated by commas."),
                   row<&GroupSettings::priority>("priority", kInteger, "999", Scope::Here, "3.0",
                                                 "Lower numbers start first and stop last."),
               });
  return kTable;
}

const Table<ProgramSettings>& program_table() {
  using S = ProgramSettings;
  constexpr auto kOut = &Process::out;
  constexpr auto kErr = &Process::err;
  constexpr auto kProgram = Scope::Program;
  constexpr auto kEach = Scope::Process;
  static const auto kTable = table<S>(
      "program",
      {
          row<kProcess, &Process::priority>("priority", kInteger, "999", Scope::Here, "3.0",
                                            "Lower numbers start first and stop last."),
          row<kProcess, kPolicy, &Policy::autostart>("autostart", kBoolean, "true", kProgram, "3.0",
                                                     "Start together with the daemon."),
          row<kProcess, kPolicy, &Policy::restart>(
              "autorestart", kRestart, "unexpected", kProgram, "3.0",
              "Start again after an exit: always, never, or if it was unexpected."),
          row<kProcess, kPolicy, &Policy::start_time>("startsecs", kSeconds, "1", kProgram, "3.0",
                                                      "Seconds to stay up before a start counts as a success."),
          row<kProcess, kPolicy, &Policy::start_retries>("startretries", kInteger, "3", kProgram, "3.0",
                                                         "Failed starts that are repeated before giving up."),
          row<kProcess, kPolicy, &Policy::stop_signal>("stopsignal", kSignal, "TERM", kProgram, "3.0",
                                                       "Signal that asks the program to stop."),
          row<kProcess, kPolicy, &Policy::stop_wait>("stopwaitsecs", kSeconds, "10", kProgram, "3.0",
                                                     "Seconds between the stop signal and SIGKILL."),
          row<kProcess, kPolicy, &Policy::stop_as_group>("stopasgroup", kBoolean, "false", kProgram, "3.0b1",
                                                         "Send the stop signal to the whole process group."),
          row<&S::kill_as_group>("killasgroup", kBoolean, kNone, kProgram, "3.0a11",
                                 "Send SIGKILL to the whole process group; default: as stopasgroup."),
          row<kProcess, kPolicy, &Policy::exit_codes>("exitcodes", kExitCodes, "0", kProgram, "3.0",
                                                      "Exit codes that are expected."),
          row<kProcess, &Process::redirect_stderr>("redirect_stderr", kBoolean, "false", kProgram, "3.0",
                                                   "Send standard error into standard output."),
          row<&S::processes>("numprocs", kLong, "1", kProgram, "3.0", "Processes to run of this program."),
          row<&S::first_number>("numprocs_start", kLong, "0", kProgram, "3.0", "process_num of the first of them."),
          row<&S::environment>("environment", kPairs, "", kEach, "3.0", "Variables for the program."),
          row<kProcess, kOut, &ChannelLog::capture_max_bytes>("stdout_capture_maxbytes", kByteSize, "0", kProgram,
                                                              "3.0", "Buffer for captured standard output; 0: none."),
          row<kProcess, kOut, &ChannelLog::events_enabled>("stdout_events_enabled", kBoolean, "false", kProgram,
                                                           "3.0a7", "Emit an event for each piece of standard output."),
          row<kProcess, kErr, &ChannelLog::capture_max_bytes>("stderr_capture_maxbytes", kByteSize, "0", kProgram,
                                                              "3.0", "Buffer for captured standard error; 0: none."),
          row<kProcess, kErr, &ChannelLog::events_enabled>("stderr_events_enabled", kBoolean, "false", kProgram,
                                                           "3.0a7", "Emit an event for each piece of standard error."),
          row<&S::server_url>("serverurl", kText, kNone, kProgram, "3.0",
                              "SUPERVISOR_SERVER_URL for the program; AUTO: this daemon's."),
          row<kProcess, &Process::identity>("user", kUser, kNone, kProgram, "3.0", "User to run the program as."),
          row<kProcess, &Process::umask>("umask", kOctal, kNone, kProgram, "3.0", "File mode mask of the program."),
          row<&S::process_name>("process_name", kFormat, "%(program_name)s", kEach, "3.0", "Name of the process."),
          row<kProcess, &Process::directory>("directory", kText, kNone, kEach, "3.0",
                                             "Directory to change to before the program runs."),
          row<&S::out_file>("stdout_logfile", kLogfile, "AUTO", kEach, "3.0", "File for standard output."),
          row<kProcess, kOut, &ChannelLog::backups>("stdout_logfile_backups", kInteger, "10", kEach, "3.0",
                                                    "Old files of standard output to keep."),
          row<kProcess, kOut, &ChannelLog::max_bytes>("stdout_logfile_maxbytes", kByteSize, "50MB", kEach, "3.0",
                                                      "Size at which the file is rotated; 0: never."),
          row<kProcess, kOut, &ChannelLog::syslog>("stdout_syslog", kBoolean, "false", kEach, "4.0.0",
                                                   "Send standard output to the system log too."),
          row<&S::err_file>("stderr_logfile", kLogfile, "AUTO", kEach, "3.0", "File for standard error."),
          row<kProcess, kErr, &ChannelLog::backups>("stderr_logfile_backups", kInteger, "10", kEach, "3.0",
                                                    "Old files of standard error to keep."),
          row<kProcess, kErr, &ChannelLog::max_bytes>("stderr_logfile_maxbytes", kByteSize, "50MB", kEach, "3.0",
                                                      "Size at which the file is rotated; 0: never."),
          row<kProcess, kErr, &ChannelLog::syslog>("stderr_syslog", kBoolean, "false", kEach, "4.0.0",
                                                   "Send standard error to the system log too."),
          row<&S::command>("command", kText, kNone, kEach, "3.0", "Program to run, with its arguments; required."),
      });
  return kTable;
}

const Table<UnixServerSettings>& unix_server_table() {
  using S = UnixServerSettings;
  constexpr auto kScope = Scope::Variables;
  static const auto kTable = table<S>(
      "unix_http_server",
      {
          row<&S::file>("file", kText, kNone, Scope::Here, "3.0", "Path of the socket; required."),
          row<&S::username>("username", kText, kNone, kScope, "3.0", "Name that clients must give."),
          row<&S::password>("password", kText, kNone, kScope, "3.0", "Password, plain or {SHA} and a hex digest."),
          row<&S::owner>("chown", kSocketOwner, kNone, kScope, "3.0", "Owner of the socket."),
          row<&S::mode>("chmod", kSocketMode, "0700", kScope, "3.0", "Mode of the socket."),
      });
  return kTable;
}

const Table<RpcInterfaceSettings>& rpc_interface_table() {
  static const auto kTable = table<RpcInterfaceSettings>(
      "rpcinterface",
      {row<&RpcInterfaceSettings::factory>("supervisor.rpcinterface_factory", kText, kNone, Scope::Variables, "3.0",
                                           "What answers the calls of this name space; required.")});
  return kTable;
}

const Table<CtlFileSettings>& ctl_table() {
  using S = CtlFileSettings;
  constexpr auto kScope = Scope::Variables;
  static const auto kTable = table<S>(
      "supervisorctl",
      {
          row<&S::server_url>("serverurl", kText, "http://localhost:9001", Scope::Here, "3.0",
                              "Where the daemon listens: http://host:port or unix:///path."),
          row<&S::prompt>("prompt", kText, "supervisor", kScope, "3.0", "Prompt of the shell."),
          row<&S::username>("username", kText, kNone, kScope, "3.0", "Name to give to the daemon."),
          row<&S::password>("password", kText, kNone, kScope, "3.0", "Password to give to the daemon."),
          row<&S::history_file>("history_file", kText, kNone, Scope::Here, "3.0a5", "File for the shell's history."),
      });
  return kTable;
}

std::vector<Key> all_keys() {
  std::vector<Key> keys;
  const auto add = [&](const auto& rows) {
    for (const auto& setting : rows) keys.push_back(setting.key);
  };
  add(include_table());
  add(daemon_table());
  add(group_table());
  add(program_table());
  add(unix_server_table());
  add(rpc_interface_table());
  add(ctl_table());
  return keys;
}

}  // namespace upkeep::config
