#include "rpc/supervisor_api.h"

#include <utility>

#include "rpc/config_info.h"
#include "rpc/log_file.h"
#include "rpc/log_window.h"

namespace upkeep::rpc {
namespace {

using engine::Refusal;
using wire::XmlRpcArray;
using wire::XmlRpcReply;
using wire::XmlRpcStruct;
using wire::XmlRpcValue;

XmlRpcValue to_struct(const engine::ProcessInfo& info) {
  return XmlRpcStruct{
      {"name", info.name},
      {"group", info.group},
      {"start", info.start},
      {"stop", info.stop},
      {"now", info.now},
      {"state", static_cast<int>(info.state)},
      {"statename", std::string{core::name_of(info.state)}},
      {"spawnerr", info.spawn_error},
      {"exitstatus", info.exit_status},
      {"logfile", info.stdout_logfile},  // the name it had before there were two
      {"stdout_logfile", info.stdout_logfile},
      {"stderr_logfile", info.stderr_logfile},
      {"pid", info.pid},
      {"description", info.description},
  };
}

XmlRpcReply process_info(const Call& call) {
  const auto info = call.control.process(call.text(0));
  return info ? XmlRpcReply{to_struct(*info)} : fault(info.error());
}

XmlRpcReply all_process_info(const Call& call) {
  XmlRpcArray all;  // each written at once: as text, a struct takes half the memory
  for (const engine::ProcessInfo& info : call.control.processes())
    all.push_back(wire::write_xmlrpc_value(to_struct(info)));
  return XmlRpcValue{std::move(all)};
}

// --- configuration

XmlRpcReply reload_config(const Call& call) {
  const auto differences = call.control.reload();
  if (!differences) return fault(differences.error());
  XmlRpcArray three;
  for (const auto* names : {&differences->added, &differences->changed, &differences->removed})
    three.emplace_back(XmlRpcArray{names->begin(), names->end()});
  XmlRpcArray one;  // which clients unpack
  one.emplace_back(std::move(three));
  return XmlRpcValue{std::move(one)};
}

XmlRpcReply all_config_info(const Call& call) {
  XmlRpcArray all;
  for (const engine::ConfigInfo& info : call.control.configurations()) all.push_back(config_row(info));
  return XmlRpcValue{std::move(all)};
}

// --- logs

XmlRpcReply read_log(const std::string& path, std::int64_t offset, std::int64_t length) {
  // "syslog" and no log at all are not files.
  if (!path.starts_with('/')) return fault(Refusal::NoFile);
  const auto log = open_log(path);
  if (!log) return log.error().code == ENOENT ? fault(Refusal::NoFile, path) : fault(Refusal::Failed);
  const auto window = read_window(log->status.st_size, offset, length);
  if (!window) return fault(Refusal::BadArguments);
  auto bytes = read_at(log->fd, window->begin, static_cast<std::size_t>(window->length));
  if (!bytes) return fault(Refusal::Failed);
  return XmlRpcValue{std::move(*bytes)};
}

XmlRpcReply read_main_log(const Call& call) {
  return read_log(call.control.daemon().logfile, call.integer(0), call.integer(1));
}

template <Stdio channel>
XmlRpcReply read_process_log(const Call& call) {
  const auto path = call.control.logfile(call.text(0), channel);
  return path ? read_log(*path, call.integer(1), call.integer(2)) : fault(path.error());
}

XmlRpcReply tail_log(const std::string& path, std::int64_t offset, std::int64_t length) {
  const auto nothing = [](std::int64_t at) { return XmlRpcValue{XmlRpcArray{"", at, false}}; };
  const auto log = open_log(path);
  if (!log) return nothing(log.error().code == ENOENT ? 0 : offset);
  const LogTail tail = tail_window(log->status.st_size, offset, length);
  auto bytes = read_at(log->fd, tail.window.begin, static_cast<std::size_t>(tail.window.length));
  if (!bytes) return nothing(offset);
  return XmlRpcValue{XmlRpcArray{std::move(*bytes), std::int64_t{log->status.st_size}, tail.overflow}};
}

// A log that is not there has an empty tail, whereas reading it is a fault.
template <Stdio channel>
XmlRpcReply tail_process_log(const Call& call) {
  const auto path = call.control.logfile(call.text(0), channel);
  if (!path && path.error().code == Refusal::NoFile) return XmlRpcValue{XmlRpcArray{"", 0, false}};
  return path ? tail_log(*path, call.integer(1), call.integer(2)) : fault(path.error());
}

// --- help

constexpr const char* kApiVersionHelp =
    " Return the version of the RPC API used by supervisord\n\n@return string version version id\n";
constexpr const char* kReadLogHelp =
    " Read length bytes from the main log starting at offset\n\n"
    "@param int offset offset to start reading from.\n"
    "@param int length number of bytes to read from the log.\n"
    "@return string result Bytes of log\n";
constexpr const char* kReadStdoutHelp =
    " Read length bytes from name's stdout log starting at offset\n\n"
    "@param string name the name of the process (or 'group:name')\n"
    "@param int offset offset to start reading from.\n"
    "@param int length number of bytes to read from the log.\n"
    "@return string result Bytes of log\n";
constexpr const char* kReadStderrHelp =
    " Read length bytes from name's stderr log starting at offset\n\n"
    "@param string name the name of the process (or 'group:name')\n"
    "@param int offset offset to start reading from.\n"
    "@param int length number of bytes to read from the log.\n"
    "@return string result Bytes of log\n";
constexpr const char* kTailStdoutHelp =
    " Read the last length bytes of the (stdout) log of name, unless all of it up to offset is known\n\n"
    "@param string name the name of the process (or 'group:name')\n"
    "@param int offset offset up to which the log is known\n"
    "@param int length maximum number of bytes to return\n"
    "@return array result [string bytes, int offset, bool overflow]\n";
constexpr const char* kTailStderrHelp =
    " Read the last length bytes of the (stderr) log of name, unless all of it up to offset is known\n\n"
    "@param string name the name of the process (or 'group:name')\n"
    "@param int offset offset up to which the log is known\n"
    "@param int length maximum number of bytes to return\n"
    "@return array result [string bytes, int offset, bool overflow]\n";

constexpr const char* kClearLogsHelp =
    " Clear the stdout and stderr logs of a process and begin them anew\n\n"
    "@param string name   The name of the process (or 'group:name')\n"
    "@return boolean result      Always True unless error\n";

void clear_process_logs(const Call& call) { call.answer(reply_from(call.control.clear_logs(call.text(0)))); }

// For methods that answer at once.
std::function<void(const Call&)> at_once(XmlRpcReply (*function)(const Call&)) {
  return [function](const Call& call) { call.answer(function(call)); };
}

std::vector<Method> make_methods() {
  using enum Kind;
  return {
      {"getAPIVersion", "string", {}, 0, kApiVersionHelp, at_once([](const Call&) -> XmlRpcReply {
         return XmlRpcValue{std::string{kApiVersion}};
       })},
      {"getVersion", "string", {}, 0, kApiVersionHelp, at_once([](const Call&) -> XmlRpcReply {
         return XmlRpcValue{std::string{kApiVersion}};
       })},
      {"getSupervisorVersion",
       "string",
       {},
       0,
       " Return the version of the supervisor package in use by supervisord\n\n@return string version version id\n",
       at_once([](const Call&) -> XmlRpcReply { return XmlRpcValue{std::string{kSupervisorVersion}}; })},
      {"getIdentification",
       "string",
       {},
       0,
       " Return identifying string of supervisord\n\n@return string identifier identifying string\n",
       at_once([](const Call& call) -> XmlRpcReply { return XmlRpcValue{call.control.daemon().identifier}; })},
      {"getState",
       "struct",
       {},
       0,
       " Return current state of supervisord as a struct\n\n"
       "@return struct A struct with keys int statecode, string statename\n",
       at_once([](const Call&) -> XmlRpcReply {  // while it is anything else, every method is refused
         return XmlRpcValue{XmlRpcStruct{{"statecode", 1}, {"statename", "RUNNING"}}};
       })},
      {"getPID",
       "int",
       {},
       0,
       " Return the PID of supervisord\n\n@return int PID\n",
       at_once([](const Call& call) -> XmlRpcReply { return XmlRpcValue{call.control.daemon().pid}; })},
      {"readLog", "string", {Integer, Integer}, 0, kReadLogHelp, at_once(read_main_log)},
      {"readMainLog", "string", {Integer, Integer}, 0, kReadLogHelp, at_once(read_main_log)},
      {"clearLog",
       "boolean",
       {},
       0,
       " Clear the main log\n\n@return boolean result always returns True unless error\n",
       [](const Call& call) { call.answer(reply_from(call.control.clear_log())); }},
      {"shutdown",
       "boolean",
       {},
       0,
       " Shut down the supervisor process\n\n@return boolean result always returns True unless error\n",
       [](const Call& call) {  // the answer first: afterwards nobody may be there to give it
         call.answer(XmlRpcValue{true});
         call.control.shutdown();
       }},
      {"restart",
       "boolean",
       {},
       0,
       " Restart the supervisor process\n\n@return boolean result always return True unless error\n",
       [](const Call& call) {
         call.answer(XmlRpcValue{true});
         call.control.restart();
       }},
      {"reloadConfig",
       "array",
       {},
       0,
       " Read the configuration again\n\n"
       "The result holds three arrays of names of process groups: those to add, those that have changed, and those "
       "that "
       "are to be removed. Nothing is started or stopped.\n\n"
       "@return array result  [[added, changed, removed]]\n",
       at_once(reload_config)},
      {"addProcessGroup",
       "boolean",
       {Text},
       0,
       " Activate a process group of the configuration as it was last read\n\n"
       "@param string name         name of process group to add\n"
       "@return boolean result     true if successful\n",
       [](const Call& call) { call.answer(reply_from(call.control.add_group(call.text(0)))); }},
      {"removeProcessGroup",
       "boolean",
       {Text},
       0,
       " Remove a stopped process group from the active configuration\n\n"
       "@param string name         name of process group to remove\n"
       "@return boolean result     Indicates whether the removal was successful\n",
       [](const Call& call) { call.answer(reply_from(call.control.remove_group(call.text(0)))); }},
      {"getAllConfigInfo",
       "array",
       {},
       0,
       " Get info about all available process configurations, one struct a process\n\n"
       "@return array result  An array of process config info structs\n",
       at_once(all_config_info)},
      {"startProcess",
       "boolean",
       {Text, Truth},
       1,
       " Start a process\n\n"
       "@param string name Process name (or 'group:name', or 'group:*')\n"
       "@param boolean wait Wait for process to be fully started\n"
       "@return boolean result Always true unless error\n",
       [](const Call& call) { call.control.start(call.text(0), call.truth(1), call.done()); }},
      {"startProcessGroup",
       "array",
       {Text, Truth},
       1,
       " Start all processes in the group named 'name'\n\n"
       "@param string name The group name\n"
       "@param boolean wait Wait for each process to be fully started\n"
       "@return array result An array of process status info structs\n",
       [](const Call& call) { call.control.start_group(call.text(0), call.truth(1), call.done()); }},
      {"startAllProcesses",
       "array",
       {Truth},
       1,
       " Start all processes listed in the configuration file\n\n"
       "@param boolean wait Wait for each process to be fully started\n"
       "@return array result An array of process status info structs\n",
       [](const Call& call) { call.control.start_all(call.truth(0), call.done()); }},
      {"stopProcess",
       "boolean",
       {Text, Truth},
       1,
       " Stop a process named by name\n\n"
       "@param string name The name of the process to stop (or 'group:name')\n"
       "@param boolean wait Wait for the process to be fully stopped\n"
       "@return boolean result Always return True unless error\n",
       [](const Call& call) { call.control.stop(call.text(0), call.truth(1), call.done()); }},
      {"stopProcessGroup",
       "array",
       {Text, Truth},
       1,
       " Stop all processes in the process group named 'name'\n\n"
       "@param string name The group name\n"
       "@param boolean wait Wait for each process to be fully stopped\n"
       "@return array result An array of process status info structs\n",
       [](const Call& call) { call.control.stop_group(call.text(0), call.truth(1), call.done()); }},
      {"stopAllProcesses",
       "array",
       {Truth},
       1,
       " Stop all processes in the process list\n\n"
       "@param boolean wait Wait for each process to be fully stopped\n"
       "@return array result An array of process status info structs\n",
       [](const Call& call) { call.control.stop_all(call.truth(0), call.done()); }},
      {"signalProcess",
       "boolean",
       {Text, Signal},
       0,
       " Send an arbitrary UNIX signal to the process named by name\n\n"
       "@param string name Name of the process to signal (or 'group:name')\n"
       "@param string signal Signal to send, as name ('HUP') or number ('1')\n"
       "@return boolean result Always true unless error\n",
       [](const Call& call) { call.answer(reply_from(call.control.signal(call.text(0), call.text(1)))); }},
      {"signalProcessGroup",
       "array",
       {Text, Signal},
       0,
       " Send a signal to all processes in the group named 'name'\n\n"
       "@param string name The group name\n"
       "@param string signal Signal to send, as name ('HUP') or number ('1')\n"
       "@return array result An array of process status info structs\n",
       [](const Call& call) { call.answer(reply_from(call.control.signal_group(call.text(0), call.text(1)))); }},
      {"signalAllProcesses",
       "array",
       {Signal},
       0,
       " Send a signal to all processes in the process list\n\n"
       "@param string signal Signal to send, as name ('HUP') or number ('1')\n"
       "@return array result An array of process status info structs\n",
       [](const Call& call) { call.answer(reply_from(call.control.signal_all(call.text(0)))); }},
      {"getProcessInfo",
       "struct",
       {Text},
       0,
       " Get info about a process named name\n\n"
       "@param string name The name of the process (or 'group:name')\n"
       "@return struct result A structure containing data about the process\n",
       at_once(process_info)},
      {"getAllProcessInfo",
       "array",
       {},
       0,
       " Get info about all processes\n\n@return array result An array of process status results\n",
       at_once(all_process_info)},
      {"readProcessStdoutLog",
       "string",
       {Text, Integer, Integer},
       0,
       kReadStdoutHelp,
       at_once(read_process_log<Stdio::Out>)},
      {"readProcessLog", "string", {Text, Integer, Integer}, 0, kReadStdoutHelp, at_once(read_process_log<Stdio::Out>)},
      {"readProcessStderrLog",
       "string",
       {Text, Integer, Integer},
       0,
       kReadStderrHelp,
       at_once(read_process_log<Stdio::Err>)},
      {"tailProcessStdoutLog",
       "array",
       {Text, Integer, Integer},
       0,
       kTailStdoutHelp,
       at_once(tail_process_log<Stdio::Out>)},
      {"tailProcessLog", "array", {Text, Integer, Integer}, 0, kTailStdoutHelp, at_once(tail_process_log<Stdio::Out>)},
      {"clearProcessLogs", "boolean", {Text}, 0, kClearLogsHelp, clear_process_logs},
      {"clearProcessLog", "boolean", {Text}, 0, kClearLogsHelp, clear_process_logs},
      {"clearAllProcessLogs",
       "array",
       {},
       0,
       " Clear all process log files\n\n@return array result   An array of process status info structs\n",
       [](const Call& call) { call.answer(reply_from(call.control.clear_all_logs())); }},
      {"sendProcessStdin",
       "boolean",
       {Text, Text},
       0,
       " Send a string of chars to the stdin of the process name.\n"
       "If a non-ASCII string is sent, it is sent as UTF-8; no newline is added.\n\n"
       "@param string name        The process name to send to (or 'group:name')\n"
       "@param string chars       The character data to send to the process\n"
       "@return boolean result    Always return True unless error\n",
       [](const Call& call) { call.answer(reply_from(call.control.send_stdin(call.text(0), call.text(1)))); }},
      {"sendRemoteCommEvent",
       "boolean",
       {Signal, Signal},
       0,
       " Send an event that will be received by event listener subprocesses subscribing to the "
       "RemoteCommunicationEvent.\n\n"
       "@param string type String for the \"type\" key in the event header\n"
       "@param string data Data for the event body\n"
       "@return boolean       Always return True\n",
       [](const Call& call) { call.answer(reply_from(call.control.send_remote_event(call.text(0), call.text(1)))); },
       true},
      {"tailProcessStderrLog",
       "array",
       {Text, Integer, Integer},
       0,
       kTailStderrHelp,
       at_once(tail_process_log<Stdio::Err>)},
  };
}

}  // namespace

const std::vector<Method>& supervisor_methods() {
  static const std::vector<Method> methods = make_methods();
  return methods;
}

}  // namespace upkeep::rpc
