// The verbs: all that any front end (XML-RPC, web, our own commands) can ask of the daemon. Front ends know nothing
// else.
//
// Names are namespecs as clients send them: "proc", "group:proc", "group:*", "group:". A call that has to wait answers
// through its callback, possibly before the call returns; a client that goes away just ignores the answer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "base/ids.h"
#include "config/comparison.h"
#include "core/process.h"
#include "engine/daemon_status.h"

namespace upkeep::engine {

// Why a verb was refused; the numbers are XML-RPC's fault codes (Supervisor xmlrpc.py Faults).
enum class Refusal {
  UnknownMethod = 1,
  IncorrectParameters = 2,
  BadArguments = 3,
  SignatureUnsupported = 4,
  ShutdownState = 6,
  BadName = 10,
  BadSignal = 11,
  NoFile = 20,
  NotExecutable = 21,
  Failed = 30,
  AbnormalTermination = 40,
  SpawnError = 50,
  AlreadyStarted = 60,
  NotRunning = 70,
  AlreadyAdded = 90,
  StillRunning = 91,
  CantReread = 92,
};
inline constexpr int kSuccessStatus = 80;   // in result rows only
std::string_view name_of(Refusal refusal);  // "BAD_NAME"

struct Refused {
  Refusal code;
  std::optional<std::string> detail{};
  std::string text() const;  // "BAD_NAME: nope"; without a detail "BAD_NAME"
};

struct Row {  // what became of one process in a verb over many
  std::string name, group;
  int status = kSuccessStatus;  // or a Refusal
  std::string description = "OK";
};

// Done; or one row a process; or refused.
using Answer = std::variant<std::monostate, std::vector<Row>, Refused>;
using Done = std::function<void(Answer)>;

struct ProcessInfo {
  std::string name, group;
  std::int64_t start = 0, stop = 0, now = 0;  // seconds since 1970; 0: never
  core::State state = core::State::Stopped;
  std::string spawn_error;
  int exit_status = 0;
  std::string stdout_logfile, stderr_logfile;  // empty: none
  int pid = 0;
  std::string description;
};

struct ConfigInfo {  // one configured process, active or not
  std::string group;
  int group_priority = 999;
  bool in_use = false;                             // its group is active
  const config::Process* process = nullptr;        // valid during the call
  std::string stdout_logfile{}, stderr_logfile{};  // "none", "auto", or a path
};

struct DaemonInfo {
  int pid = 0;  // of the keeper, which is what pidfile and users know
  std::string identifier;
  std::string logfile;
  bool shutting_down = false;  // or restarting: supervisor.* answers SHUTDOWN_STATE
  std::string alarm{};         // what somebody should look at; empty: nothing
};

class Control {
 public:
  virtual ~Control() = default;

  virtual DaemonInfo daemon() const = 0;
  virtual tl::expected<ProcessInfo, Refused> process(const std::string& name) const = 0;
  virtual std::vector<ProcessInfo> processes() const = 0;  // by group name, then process name

  virtual void start(const std::string& name, bool wait, Done done) = 0;  // "g:*" answers rows
  virtual void start_group(const std::string& group, bool wait, Done done) = 0;
  virtual void start_all(bool wait, Done done) = 0;
  virtual void stop(const std::string& name, bool wait, Done done) = 0;
  virtual void stop_group(const std::string& group, bool wait, Done done) = 0;
  virtual void stop_all(bool wait, Done done) = 0;
  virtual Answer signal(const std::string& name, const std::string& signal) = 0;
  virtual Answer signal_group(const std::string& group, const std::string& signal) = 0;
  virtual Answer signal_all(const std::string& signal) = 0;

  // Path of the log file a process writes now, or would. BadName; NoFile when the channel has none.
  virtual tl::expected<std::string, Refused> logfile(const std::string& name, Stdio channel) const = 0;

  // Removes and begins anew. BadName; NoFile when the daemon has no log file; Failed.
  virtual Answer clear_log() = 0;
  virtual Answer clear_logs(const std::string& name) = 0;
  virtual Answer clear_all_logs() = 0;  // rows

  // Queues bytes for its standard input. BadName, NotRunning; NoFile when it is closed; Failed when too much waits
  // there.
  virtual Answer send_stdin(const std::string& name, const std::string& bytes) = 0;
  // REMOTE_COMMUNICATION, for event listeners.
  virtual Answer send_remote_event(const std::string& type, const std::string& data) = 0;

  // The configuration is read again; what differs from the active groups. CantReread.
  virtual tl::expected<config::Comparison, Refused> reload() = 0;
  virtual Answer add_group(const std::string& group) = 0;      // BadName, AlreadyAdded
  virtual Answer remove_group(const std::string& group) = 0;   // BadName, StillRunning
  virtual std::vector<ConfigInfo> configurations() const = 0;  // of the last reading; by process name

  virtual void shutdown() = 0;
  virtual void restart() = 0;

  virtual DaemonStatus status() const = 0;
  // Replaces keeper and engine by the image at `path`; empty: the file that this one was started from. The token
  // stands in status() beside the outcome. Failed: the file is not to be used, with the reason.
  virtual tl::expected<std::string, Refused> upgrade(const std::string& path) = 0;
};

}  // namespace upkeep::engine
