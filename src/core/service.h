// What a service directory wants of its process: daemontools' supervise as a pure function. It sits on top of the life
// of one process (core/process.h), which here has a policy without restarts: whatever starts, starts because this
// machine says so. It never gives up, and starts `run` once a second at most.
//
// The rules are supervise's of daemontools 0.76. A directory may also hold scripts that 0.76 does not know: `start` and
// `stop` (daemontools-encore), `finish` and `control/C` (runit). What they do comes on top; a directory without them
// never notices. Exit 100 of `run` means for good only in encore's dialect, as 0.76 gives no exit code a meaning.
//
// Differences from 0.76: a command acts at once, where supervise sleeps a second after every start and reads none; what
// is kept is the second between two starts. A start that fails for want of memory or processes is tried again after the
// 60 seconds that supervise's warning announces, unless it is no longer wanted by then.
//
// `control/C` is asked before the signal of C is sent, as runsv does: its success replaces the signal, nothing else (a
// suppressed 'p' still counts as paused). 'd' asks `control/t`, then CONT is sent whatever that said, then comes
// `control/d`. Of runsv's, `control/u` and `control/x` have no meaning here: these commands send no signal.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/dialect.h"
#include "base/exit_status.h"
#include "base/result.h"
#include "base/service_state.h"
#include "base/time.h"
#include "core/process.h"

namespace upkeep::core {

inline constexpr Duration kStartInterval{std::chrono::seconds{1}};     // between two starts of `run`
inline constexpr Duration kFailedForkPause{std::chrono::seconds{60}};  // as supervise's warning says
inline constexpr int kPermanentFailure = 100;                          // exit code of `run`, in encore's dialect
inline constexpr int kFinishedForGood = 125;                           // exit code of `finish` (s6)

enum class Want : std::uint8_t { Down, Up, Once };
enum class Script : std::uint8_t { Run, Start, Stop, Finish };
std::string_view name_of(Script script);  // "run": also the name of its file

// Which scripts the directory holds at this moment, executable ones.
struct ServiceScripts {
  bool run = true, start = false, stop = false, finish = false;
  std::string control{};  // the letters C for which there is a `control/C`
};

struct Service {
  Want want = Want::Up;
  bool leaving = false;         // 'x' came: the end of supervision, as soon as no process is left
  bool paused = false;          // as commanded; a SIGSTOP from elsewhere is not noticed
  bool failed = false;          // for good: until the next 'u' or 'o'
  bool ready = false;           // `run` has said so on its notification descriptor
  bool start_done = false;      // `start` need not come before the next `run`
  bool stop_done = false;       // `stop` has run since the last 'd' that hit a live process
  bool started = false;         // by `start` alone: there is no `run`
  Script script = Script::Run;  // of the process there is, or of the last one
  std::optional<Script> due;    // starts as soon as there is no process, but not before due_at
  Instant due_at{};
  Instant run_at{};            // when `run` was started last
  ExitStatus run_end{};        // how it ended: arguments of `finish`
  char hook = 0;               // the command that waits for its `control/C`; 0: none. Until then no other is taken
  char hook_script = 0;        // that C
  bool hook_to_group = false;  // Commanded::to_group of that command
  bool operator==(const Service&) const = default;
};

// The signal of a command that is nothing but a signal, 'p' for SIGSTOP; 0: it is none.
int signal_of(char letter);

// --- what happens
struct Commanded {
  char letter;            // a byte of supervise/control
  bool to_group = false;  // its signal goes to the process group (encore's '+')
};
struct HookEnded {
  bool suppresses;  // exit 0: the signal is not sent any more
};
struct Begun {
};  // what was due is asked of the keeper. Until then it stays due, so that an engine's death loses no start
struct Ended {  // the process is reaped
  ExitStatus status;
};
struct ForkFailed {};  // nothing was started
struct SaidReady {};
struct TimeIsUp {};
using ServiceEvent = std::variant<Commanded, HookEnded, Begun, Ended, ForkFailed, SaidReady, TimeIsUp>;

// --- what to do about it, in this order
struct StartScript {  // Service::due; then feed Begun
  bool operator==(const StartScript&) const = default;
};
struct StopProcess {  // the stop signal, with whatever follows it
  bool operator==(const StopProcess&) const = default;
};
struct Kill {  // nothing, when there is no process any more
  int number = 0;
  bool to_group = false;
  bool operator==(const Kill&) const = default;
};
struct RunHook {  // `control/C`, C being Service::hook_script
  bool operator==(const RunHook&) const = default;
};
struct Leave {  // the end of supervision
  bool operator==(const Leave&) const = default;
};
using ServiceAction = std::variant<StartScript, StopProcess, Kill, RunHook, Leave>;

struct ServiceSituation {
  bool has_process = false;  // one is there, or asked for
  ServiceScripts scripts{};
  Dialect dialect = Dialect::Original;
  Instant now{};
};

struct ServiceStep {
  Service next;
  std::vector<ServiceAction> actions;
};

// A new service: `down` says that there is a file of that name. Feed TimeIsUp to make it start.
Service new_service(bool down, const ServiceSituation& situation);

ServiceStep step(const Service& service, const ServiceEvent& event, const ServiceSituation& situation);
std::optional<Instant> deadline(const Service& service, bool has_process);

// What others see of it.
char want_letter(Want want);  // 'u', 'd' or 0, as in the status record
ServiceState state_of(const Service& service, bool has_process);
// As one of Supervisor's states. `is_notified`: it is not RUNNING before it has said that it is ready.
State shown_state(const Service& service, const Phase& phase, bool is_notified);

// For the note. Decoding is total.
std::string encode(const Service& service);
Result<Service> decode_service(std::string_view bytes);

}  // namespace upkeep::core
