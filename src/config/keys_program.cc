#include "config/key_row.h"

namespace upkeep::config {
namespace {

constexpr auto kProcess = &ProgramSettings::process;
constexpr auto kPolicy = &Process::policy;
using core::Policy;

}  // namespace

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
                                            "Lower numbers start first and stop last.", "100"),
          row<kProcess, kPolicy, &Policy::autostart>("autostart", kBoolean, "true", kProgram, "3.0",
                                                     "Start together with the daemon.", "false"),
          row<kProcess, kPolicy, &Policy::restart>("autorestart", kRestart, "unexpected", kProgram, "3.0",
                                                   "Start again after an exit: always, never, or if it was unexpected.",
                                                   "true"),
          row<kProcess, kPolicy, &Policy::start_time>("startsecs", kSeconds, "1", kProgram, "3.0",
                                                      "Seconds to stay up before a start counts as a success.", "5"),
          row<kProcess, kPolicy, &Policy::start_retries>("startretries", kInteger, "3", kProgram, "3.0",
                                                         "Failed starts that are repeated before giving up.", "10"),
          row<kProcess, kPolicy, &Policy::stop_signal>("stopsignal", kSignal, "TERM", kProgram, "3.0",
                                                       "Signal that asks the program to stop.", "QUIT"),
          row<kProcess, kPolicy, &Policy::stop_wait>("stopwaitsecs", kSeconds, "10", kProgram, "3.0",
                                                     "Seconds between the stop signal and SIGKILL.", "30"),
          row<kProcess, kPolicy, &Policy::stop_as_group>("stopasgroup", kBoolean, "false", kProgram, "3.0b1",
                                                         "Send the stop signal to the whole process group.", "true"),
          row<&S::kill_as_group>("killasgroup", kBoolean, kNone, kProgram, "3.0a11",
                                 "Send SIGKILL to the whole process group; default: as stopasgroup.", "true"),
          row<kProcess, kPolicy, &Policy::exit_codes>("exitcodes", kExitCodes, "0", kProgram, "3.0",
                                                      "Exit codes that are expected.", "0,2"),
          row<kProcess, &Process::essential>(
              "essential", kBoolean, "false", kProgram, kUpkeepAlone,
              "Once it has ended by itself and will not start again, everything stops, and this daemon ends with its "
              "exit code.",
              "true"),
          row<kProcess, &Process::redirect_stderr>("redirect_stderr", kBoolean, "false", kProgram, "3.0",
                                                   "Send standard error into standard output.", "true"),
          row<&S::processes>("numprocs", kLong, "1", kProgram, "3.0", "Processes to run of this program.", "4"),
          row<&S::first_number>("numprocs_start", kLong, "0", kProgram, "3.0", "process_num of the first of them.",
                                "1"),
          row<&S::environment>("environment", kPairs, "", kEach, "3.0", "Variables for the program.",
                               "PORT=\"80%(process_num)02d\",LANG=\"C.UTF-8\""),
          row<kProcess, kOut, &ChannelLog::capture_max_bytes>("stdout_capture_maxbytes", kByteSize, "0", kProgram,
                                                              "3.0", "Buffer for captured standard output; 0: none.",
                                                              "1MB"),
          row<kProcess, kOut, &ChannelLog::events_enabled>("stdout_events_enabled", kBoolean, "false", kProgram,
                                                           "3.0a7", "Emit an event for each piece of standard output.",
                                                           "true"),
          row<kProcess, kErr, &ChannelLog::capture_max_bytes>("stderr_capture_maxbytes", kByteSize, "0", kProgram,
                                                              "3.0", "Buffer for captured standard error; 0: none.",
                                                              "1MB"),
          row<kProcess, kErr, &ChannelLog::events_enabled>("stderr_events_enabled", kBoolean, "false", kProgram,
                                                           "3.0a7", "Emit an event for each piece of standard error.",
                                                           "true"),
          row<&S::server_url>("serverurl", kText, kNone, kProgram, "3.0",
                              "SUPERVISOR_SERVER_URL for the program; AUTO: this daemon's.",
                              "unix:///run/supervisor.sock"),
          row<kProcess, &Process::identity>("user", kUser, kNone, kProgram, "3.0", "User to run the program as.",
                                            "www-data"),
          row<kProcess, &Process::umask>("umask", kOctal, kNone, kProgram, "3.0", "File mode mask of the program.",
                                         "027"),
          row<&S::process_name>("process_name", kFormat, "%(program_name)s", kEach, "3.0", "Name of the process.",
                                "%(program_name)s_%(process_num)02d"),
          row<kProcess, &Process::directory>("directory", kText, kNone, kEach, "3.0",
                                             "Directory to change to before the program runs.",
                                             "/srv/%(program_name)s"),
          row<&S::out_file>("stdout_logfile", kLogfile, "AUTO", kEach, "3.0", "File for standard output.",
                            "/var/log/%(program_name)s.log"),
          row<kProcess, kOut, &ChannelLog::backups>("stdout_logfile_backups", kInteger, "10", kEach, "3.0",
                                                    "Old files of standard output to keep.", "3"),
          row<kProcess, kOut, &ChannelLog::max_bytes>("stdout_logfile_maxbytes", kByteSize, "50MB", kEach, "3.0",
                                                      "Size at which the file is rotated; 0: never.", "10MB"),
          row<&S::out_look, &OutputSettings::format>("stdout_format", kOutputFormat, kNone, kProgram, kUpkeepAlone,
                                                     "How standard output looks in its file: raw, as it comes; lines, "
                                                     "whole and with a prefix; json, an object "
                                                     "for each line; default: output_format of [supervisord].",
                                                     "json"),
          row<&S::out_look, &OutputSettings::prefix>(
              "stdout_prefix", kFormat, kNone, kEach, kUpkeepAlone,
              "What each line of it begins with, a blank behind it; may have the names of process_name, and "
              "process_name itself. It makes lines the default of stdout_format.",
              "%(process_name)s |"),
          row<kProcess, kOut, &ChannelLog::syslog>("stdout_syslog", kBoolean, "false", kEach, "4.0.0",
                                                   "Send standard output to the system log too.", "true"),
          row<&S::err_file>("stderr_logfile", kLogfile, "AUTO", kEach, "3.0", "File for standard error.",
                            "/var/log/%(program_name)s.err"),
          row<kProcess, kErr, &ChannelLog::backups>("stderr_logfile_backups", kInteger, "10", kEach, "3.0",
                                                    "Old files of standard error to keep.", "3"),
          row<kProcess, kErr, &ChannelLog::max_bytes>("stderr_logfile_maxbytes", kByteSize, "50MB", kEach, "3.0",
                                                      "Size at which the file is rotated; 0: never.", "10MB"),
          row<&S::err_look, &OutputSettings::format>(
              "stderr_format", kOutputFormat, kNone,
              kProgram, kUpkeepAlone,
              "How standard error looks in its file: raw, as it comes; lines, whole and with a prefix; json, an object "
              "for each line; default: output_format of [supervisord].",
              "json"),
          row<&S::err_look, &OutputSettings::prefix>(
              "stderr_prefix", kFormat, kNone, kEach, kUpkeepAlone,
              "What each line of it begins with, a blank behind it; may have the names of process_name, and "
              "process_name itself. It makes lines the default of stderr_format.",
              "%(process_name)s |"),
          row<kProcess, kErr, &ChannelLog::syslog>("stderr_syslog", kBoolean, "false", kEach, "4.0.0",
                                                   "Send standard error to the system log too.", "true"),
          row<&S::command>("command", kText, kNone, kEach, "3.0", "Program to run, with its arguments; required.",
                           "/usr/local/bin/web --port=80%(process_num)02d"),
      });
  return kTable;
}

// Rows of what a program's keys do not cover. Those that the program's table has as well are read for the group first,
// with fewer names. Errors appear in the order of the rows.
const Table<FcgiSettings>& fcgi_table() {
  using S = FcgiSettings;
  constexpr auto kHere = Scope::Here;
  static const auto kTable = table<S>(
      "fcgi-program",
      {
          row<&S::user>("user", kUser, kNone, kHere, "3.0", "User to run the program as; owns the socket, too.",
                        "www-data"),
          row<&S::backlog>("socket_backlog", kBacklog, kNone, kHere, "3.4.0",
                           "Connections that may wait; default: the system's largest.", "128"),
          row<&S::owner>("socket_owner", kFcgiOwner, kNone, kHere, "3.0", "Owner of a socket file; default: user.",
                         "www-data:www-data"),
          row<&S::mode>("socket_mode", kFcgiMode, kNone, kHere, "3.0", "Mode of a socket file; default: 0700.", "0770"),
          row<&S::url>("socket", kSocketUrl, kNone, Scope::Socket, "3.0",
                       "Socket that the program gets as its standard input; required.",
                       "unix:///run/%(program_name)s.sock"),
      });
  return kTable;
}

const Table<ListenerSettings>& listener_table() {
  using S = ListenerSettings;
  constexpr auto kHere = Scope::Here;
  constexpr auto kSubscription = &S::events;
  static const auto kTable = table<S>(
      "eventlistener",
      {
          row<&S::priority>("priority", kInteger, "-1", kHere, "3.0",
                            "Lower numbers start first and stop last; inside the pool the default is 999.", "10"),
          row<kSubscription, &EventSubscription::buffer_size>(
              "buffer_size", kInteger, "10", kHere, "3.0", "Events that wait while every listener is busy; at least 1.",
              "100"),
          row<kSubscription, &EventSubscription::result_handler>(
              "result_handler", kText, "supervisor.dispatchers:default_handler", kHere, "3.0",
              "What judges the results; only the default is built in.", "supervisor.dispatchers:default_handler"),
          row<kSubscription, &EventSubscription::types>("events", kEvents, "", kHere, "3.0",
                                                        "Types of events to be told of, separated by commas; required.",
                                                        "PROCESS_STATE_EXITED,TICK_60"),
          row<&S::redirect_stderr>("redirect_stderr", kBoolean, "false", kHere, "3.0",
                                   "Must be false: standard output belongs to the protocol.", "false"),
      });
  return kTable;
}

const Table<GroupSettings>& group_table() {
  static const auto kTable = table<GroupSettings>(
      "group", {
                   row<&GroupSettings::programs>("programs", kPrograms, "", Scope::Here, "3.0",
                                                 "Programs that make up the group, separated by commas.", "web,worker"),
                   row<&GroupSettings::priority>("priority", kInteger, "999", Scope::Here, "3.0",
                                                 "Lower numbers start first and stop last.", "10"),
               });
  return kTable;
}

}  // namespace upkeep::config
