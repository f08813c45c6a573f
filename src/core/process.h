// The life of one supervised process: a pure function from phase, event and time to the next phase and what to do.
// Source of truth for every state a user sees. Supervisor process.py is where the rules come from; where ours differ
// it says so. docs/process-states.md shows the whole table and is written by a unit test.
//
// A child exists only in phases that have one, a deadline only in phases that wait; there are no flags beside the
// phase.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/exit_status.h"
#include "base/ids.h"
#include "base/time.h"
#include "core/policy.h"

namespace upkeep::core {

// The states users see, with Supervisor's numbers.
enum class State {
  Stopped = 0,
  Starting = 10,
  Running = 20,
  Backoff = 30,
  Stopping = 40,
  Exited = 100,
  Fatal = 200,
  Unknown = 1000
};
std::string_view name_of(State state);  // "RUNNING"
bool is_stopped(State state);           // STOPPED, EXITED, FATAL, UNKNOWN
bool is_running(State state);           // RUNNING, BACKOFF, STARTING
bool is_signallable(State state);       // RUNNING, STARTING, STOPPING

// --- phases
struct Stopped {
  bool operator==(const Stopped&) const = default;
};
struct Starting {
  int failures = 0;                // failed starts before this one
  std::optional<ProcessId> child;  // none until the keeper answered
  Instant started_at;              // when the start was asked for; once there is a child, when that was born
  Instant up_at;                   // RUNNING once now >= up_at
  bool operator==(const Starting&) const = default;
};
struct Running {
  ProcessId child;
  Instant started_at;
  bool operator==(const Running&) const = default;
};
struct Stopping {
  std::optional<ProcessId> child;  // none: the stop was asked before the keeper answered; signalled when it does
  Instant kill_at;                 // SIGKILL then, and again every stop_wait (at least kKillAgainMin)
  bool operator==(const Stopping&) const = default;
};
struct Backoff {
  int failures = 1;
  Instant retry_at;
  bool operator==(const Backoff&) const = default;
};
struct Exited {
  ExitStatus status;
  std::optional<Instant> restart_at;  // a restart is due then: start_interval is not over, or nothing may start yet
  bool operator==(const Exited&) const = default;
};
struct Fatal {
  std::string why;
  bool operator==(const Fatal&) const = default;
};
struct Unknown {  // a signal could not be delivered (EPERM): still there, but out of our hands
  ProcessId child;
  bool operator==(const Unknown&) const = default;
};
using Phase = std::variant<Stopped, Starting, Running, Stopping, Backoff, Exited, Fatal, Unknown>;

State state_of(const Phase& phase);
std::optional<ProcessId> child_of(const Phase& phase);

// --- events
struct StartAsked {};   // by a user, autostart or a group
struct StopAsked {};    // by a user
struct GiveUpAsked {};  // shutdown reached the group: BACKOFF becomes FATAL without a word, live ones stop
struct Spawned {
  ProcessId child;
};
struct SpawnFailed {
  std::string why;           // the text for spawnerr
  bool is_shortage = false;  // the system had no processes, descriptors or memory left: no fault of the program's
};
struct Died {
  ExitStatus status;  // drained and reaped
};
struct SignalFailed {
  std::string why;  // anything but "no such process"
};
struct TimePassed {};
using Event = std::variant<StartAsked, StopAsked, GiveUpAsked, Spawned, SpawnFailed, Died, SignalFailed, TimePassed>;

// --- actions, in the order to perform them
struct Spawn {
  bool operator==(const Spawn&) const = default;
};
struct Signal {
  ProcessId child;
  int number = 0;
  bool group = false;
  bool operator==(const Signal&) const = default;
};
// A state users see was entered. BACKOFF is published even on the way to FATAL, STARTING before the spawn.
struct Publish {
  State state;
  State from;
  int tries = 0;         // STARTING, BACKOFF: failed starts so far
  bool expected = true;  // EXITED
  bool operator==(const Publish&) const = default;
};
// One line for the activity log; the texts live with whoever writes it.
enum class Report {
  SpawnFailed,       // spawnerr: <text>
  EnteredRunning,    // success: ...
  ExitedExpected,    // exited: N (...; expected)
  ExitedUnexpected,  // exited: N (...; not expected)
  ExitedTooQuickly,  // same line as ExitedUnexpected, but spawnerr becomes "Exited too quickly (...)"
  Stopped,           // stopped: N (...)
  GaveUp,            // gave up: ...
  Killing,           // killing 'N' (pid) with SIGKILL
  AlreadyRunning,    // process 'N' already running
  CannotSignal,      // unknown problem killing N
};
using Action = std::variant<Spawn, Signal, Publish, Report>;
std::string_view name_of(Report report);  // "ExitedTooQuickly"; for tests and traces

struct Step {
  Phase next;
  std::vector<Action> actions;
};

// What the original shows as spawnerr after a start that died young; Fatal::why is this or the last SpawnFailed's text.
inline constexpr std::string_view kExitedTooQuickly = "Exited too quickly (process log may have details)";

// After a shortage a start is tried again so often, for as long as it takes. The original counts it as a failed start,
// so that a full process table ends in FATAL.
inline constexpr Duration kShortageWait = std::chrono::seconds{5};

// SIGKILL is repeated no faster than this. The original repeats it once per loop pass when stopwaitsecs is 0.
inline constexpr Duration kKillAgainMin = std::chrono::seconds{1};

// Total: answers every (phase, event). `may_start` is false while the daemon shuts down or restarts: then nothing
// starts by itself (back-off and restarts stay where they are).
Step step(const Phase& phase, const Policy& policy, const Event& event, Instant now, bool may_start = true);

// When step(TimePassed) is next worth calling; nullopt: never.
std::optional<Instant> deadline(const Phase& phase, bool may_start = true);

}  // namespace upkeep::core
