#include "config/key_row.h"

namespace upkeep::config {

const Table<IncludeSettings>& include_table() {
  static const auto kTable = table<IncludeSettings>(
      "include", {row<&IncludeSettings::files>("files", kText, kNone, Scope::Host, "3.0",
                                               "Files to read as well, separated by blanks; * ? [] match names.",
                                               "conf.d/*.conf")});
  return kTable;
}

// Errors appear in the order of the rows, which is Supervisor's.
const Table<DaemonSettings>& daemon_table() {
  using S = DaemonSettings;
  constexpr auto kDaemon = &DaemonSettings::daemon;
  constexpr auto kScope = Scope::Here;
  static const auto kTable = table<S>(
      "supervisord",
      {
          row<kDaemon, &Daemon::min_fds>("minfds", kInteger, "1024", kScope, "3.0",
                                         "File descriptors that must be available.", "4096", with_value('a')),
          row<kDaemon, &Daemon::min_procs>("minprocs", kInteger, "200", kScope, "3.0",
                                           "Processes that must be available.", "500", long_only()),
          row<kDaemon, &Daemon::directory>("directory", kDirectory, kNone, kScope, "3.0",
                                           "Directory to change to when daemonizing.", "/srv", with_value('d')),
          row<&S::user>("user", kUserLater, kNone, kScope, "3.0", "User to run as.", "upkeep", with_value('u')),
          row<kDaemon, &Daemon::umask>("umask", kOctal, "022", kScope, "3.0", "File mode mask when daemonizing.", "027",
                                       with_value('m')),
          row<kDaemon, &Daemon::logfile>("logfile", kFile, "supervisord.log", kScope, "3.0",
                                         "Activity log; \"syslog\" means the system log.", "/var/log/supervisord.log",
                                         with_value('l')),
          row<kDaemon, &Daemon::logfile_max_bytes>("logfile_maxbytes", kByteSize, "50MB", kScope, "3.0",
                                                   "Size at which the activity log is rotated; 0: never.", "10MB",
                                                   with_value('y')),
          row<kDaemon, &Daemon::logfile_backups>("logfile_backups", kInteger, "10", kScope, "3.0",
                                                 "Old activity logs to keep.", "3", with_value('z')),
          row<kDaemon, &Daemon::log_level>("loglevel", kLevel, "info", kScope, "3.0",
                                           "critical, error, warn, info, debug, trace or blather.", "warn",
                                           with_value('e')),
          row<kDaemon, &Daemon::pidfile>("pidfile", kFile, "supervisord.pid", kScope, "3.0",
                                         "File that holds the process id.", "/run/supervisord.pid", with_value('j')),
          row<kDaemon, &Daemon::identifier>("identifier", kText, "supervisor", kScope, "3.0",
                                            "Name of this instance for clients and automatic log names.", "edge-1",
                                            with_value('i')),
          row<kDaemon, &Daemon::no_daemon>("nodaemon", kBoolean, "false", kScope, "3.0", "Stay in the foreground.",
                                           "true", flag('n')),
          row<kDaemon, &Daemon::silent>("silent", kBoolean, "false", kScope, "4.2.0",
                                        "No copy of the log on standard output in the foreground.", "true", flag('s')),
          row<&S::child_log_dir>("childlogdir", kDirectory, kNone, kScope, "3.0",
                                 "Directory of automatic log files; default: the system's for temporary files.",
                                 "/var/log/upkeep", with_value('q')),
          row<kDaemon, &Daemon::no_cleanup>("nocleanup", kBoolean, "false", kScope, "3.0",
                                            "Keep the automatic log files of earlier runs.", "true", flag('k')),
          row<kDaemon, &Daemon::strip_ansi>("strip_ansi", kBoolean, "false", kScope, "3.0",
                                            "Remove ANSI escape sequences from the programs' logs.", "true", flag('t')),
          row<&S::environment>("environment", kPairs, "", Scope::Host, "3.0",
                               "Variables for every program; they also become ENV_ names for later sections.",
                               "LANG=\"C.UTF-8\",HOST=\"%(host_node_name)s\""),
          row<&S::output, &OutputSettings::format>(
              "output_format", kOutputFormat, kNone, kScope, kUpkeepAlone,
              "How output looks in the logs of programs that do not say it themselves: raw, lines, json; default: raw, "
              "or lines where there is a prefix. With json, what this daemon says on standard output is json, too.",
              "lines"),
          row<&S::output, &OutputSettings::prefix>(
              "output_prefix", kFormat, kNone, Scope::Process, kUpkeepAlone,
              "What each of the lines begins with, a blank behind it; may have the names of stdout_prefix.",
              "%(program_name)s |"),
          row<kDaemon, &Daemon::stop_grace>(
              "stop_grace", kGrace, kNone, kScope, kUpkeepAlone,
              "Seconds for the whole shutdown, then SIGKILL for all that still lives; default: no limit.", "8"),
          row<kDaemon, &Daemon::service_dir>("servicedir", kAbsolutePath, "", kScope, kUpkeepAlone,
                                             "Below it programs get service directories with supervise/ files, for "
                                             "svstat, svc and svok; empty: none.",
                                             "/run/supervisor/services"),
      });
  return kTable;
}

}  // namespace upkeep::config
