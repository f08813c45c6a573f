#include "core/process.h"

#include <algorithm>
#include <utility>

namespace upkeep::core {
namespace {

// What every transition may look at beside phase and event.
struct Circumstances {
  const Policy& policy;
  Instant now;
  bool may_start;
};

using Actions = std::vector<Action>;

Step start(State from, int failures, const Circumstances& c, Actions actions = {}) {
  actions.insert(actions.end(), {Publish{State::Starting, from, failures}, Spawn{}});
  return {Starting{failures, std::nullopt, c.now, later(c.now, c.policy.start_time)}, std::move(actions)};
}

Step fail_start(const Starting& s, std::string why, Report report, const Circumstances& c) {
  const int failures = s.failures + 1;
  // Supervisor shows BACKOFF even on the way to FATAL.
  Actions actions{Publish{State::Backoff, State::Starting, failures}, report};
  if (c.policy.start_retries && failures > *c.policy.start_retries) {
    actions.insert(actions.end(), {Publish{State::Fatal, State::Backoff}, Report::GaveUp});
    return {Fatal{std::move(why)}, std::move(actions)};
  }
  const Instant retry_at =
      std::max(later(c.now, c.policy.backoff(failures)), later(s.started_at, c.policy.start_interval));
  return {Backoff{failures, retry_at}, std::move(actions)};
}

// No failed start: Backoff keeps the failures that were there before.
Step await_means(const Starting& s, const Circumstances& c) {
  return {Backoff{s.failures, later(c.now, kShortageWait)},
          {Publish{State::Backoff, State::Starting, s.failures}, Report::SpawnFailed}};
}

// A process that was RUNNING ended by itself. A wanted restart happens in the same step, so that nothing idles in
// EXITED.
Step end(const ExitStatus& status, Instant started_at, const Circumstances& c, Actions actions = {}) {
  const bool expected = c.policy.expects(status);
  actions.insert(actions.end(), {Publish{State::Exited, State::Running, 0, expected},
                                 expected ? Report::ExitedExpected : Report::ExitedUnexpected});
  if (!c.policy.wants_restart(status)) return {Exited{status, std::nullopt}, std::move(actions)};
  const Instant restart_at = std::max(c.now, later(started_at, c.policy.start_interval));
  if (c.may_start && restart_at <= c.now) return start(State::Exited, 0, c, std::move(actions));
  return {Exited{status, restart_at}, std::move(actions)};
}

Step stop(ProcessId child, State from, const Circumstances& c) {
  return {Stopping{child, later(c.now, c.policy.stop_wait)},
          {Publish{State::Stopping, from}, Signal{child, c.policy.stop_signal, c.policy.stop_as_group}}};
}

Step lose_control(ProcessId child, State from) {
  return {Unknown{child}, {Publish{State::Unknown, from}, Report::CannotSignal}};
}

// One on() for each pair that means something; all others stay put.
template <class SomePhase, class SomeEvent>
Step on(const SomePhase& phase, const SomeEvent&, const Circumstances&) {
  return {phase, {}};
}

// --- STOPPED, FATAL
Step on(const Stopped&, const StartAsked&, const Circumstances& c) { return start(State::Stopped, 0, c); }
Step on(const Fatal&, const StartAsked&, const Circumstances& c) { return start(State::Fatal, 0, c); }

// --- STARTING
Step on(const Starting& s, const StartAsked&, const Circumstances&) { return {s, {Report::AlreadyRunning}}; }

Step on(const Starting& s, const Spawned& e, const Circumstances& c) {
  if (s.child) return {s, {}};
  if (c.policy.start_time <= Duration::zero()) {
    return {Running{e.child, c.now}, {Publish{State::Running, State::Starting}, Report::EnteredRunning}};
  }
  // Age counts from birth: a keeper that was slow to answer must not make a process look as if it had stayed up.
  return {Starting{s.failures, e.child, c.now, later(c.now, c.policy.start_time)}, {}};
}

Step on(const Starting& s, const SpawnFailed& e, const Circumstances& c) {
  if (s.child) return {s, {}};
  return e.is_shortage ? await_means(s, c) : fail_start(s, e.why, Report::SpawnFailed, c);
}

Step on(const Starting& s, const TimePassed&, const Circumstances& c) {
  if (!s.child || c.now < s.up_at) return {s, {}};
  return {Running{*s.child, s.started_at}, {Publish{State::Running, State::Starting}, Report::EnteredRunning}};
}

Step on(const Starting& s, const Died& e, const Circumstances& c) {
  if (!s.child) return {s, {}};
  // Whatever the exit status: even an expected one is a failed start.
  if (c.now < s.up_at) return fail_start(s, std::string{kExitedTooQuickly}, Report::ExitedTooQuickly, c);
  return end(e.status, s.started_at, c, {Publish{State::Running, State::Starting}});
}

Step on(const Starting& s, const StopAsked&, const Circumstances& c) {
  if (s.child) return stop(*s.child, State::Starting, c);
  return {Stopping{std::nullopt, later(c.now, c.policy.stop_wait)}, {Publish{State::Stopping, State::Starting}}};
}

Step on(const Starting& s, const GiveUpAsked&, const Circumstances& c) { return on(s, StopAsked{}, c); }

Step on(const Starting& s, const SignalFailed&, const Circumstances&) {
  if (!s.child) return {s, {}};
  return lose_control(*s.child, State::Starting);
}

// --- RUNNING
Step on(const Running& r, const StartAsked&, const Circumstances&) { return {r, {Report::AlreadyRunning}}; }
Step on(const Running& r, const StopAsked&, const Circumstances& c) { return stop(r.child, State::Running, c); }
Step on(const Running& r, const GiveUpAsked&, const Circumstances& c) { return stop(r.child, State::Running, c); }
Step on(const Running& r, const Died& e, const Circumstances& c) { return end(e.status, r.started_at, c); }
Step on(const Running& r, const SignalFailed&, const Circumstances&) { return lose_control(r.child, State::Running); }

// --- STOPPING
Step on(const Stopping& s, const StartAsked&, const Circumstances&) { return {s, {Report::AlreadyRunning}}; }

Step on(const Stopping& s, const Spawned& e, const Circumstances& c) {
  if (s.child) return {s, {}};
  return {Stopping{e.child, later(c.now, c.policy.stop_wait)},
          {Signal{e.child, c.policy.stop_signal, c.policy.stop_as_group}}};
}

Step on(const Stopping& s, const SpawnFailed&, const Circumstances&) {
  if (s.child) return {s, {}};
  return {Stopped{}, {Publish{State::Stopped, State::Stopping}, Report::SpawnFailed}};
}

Step on(const Stopping& s, const TimePassed&, const Circumstances& c) {
  if (!s.child || c.now < s.kill_at) return {s, {}};
  return {Stopping{s.child, later(c.now, std::max(c.policy.stop_wait, kKillAgainMin))},
          {Report::Killing, Signal{*s.child, SIGKILL, c.policy.kill_as_group}}};
}

Step on(const Stopping& s, const Died&, const Circumstances&) {
  if (!s.child) return {s, {}};
  return {Stopped{}, {Publish{State::Stopped, State::Stopping}, Report::Stopped}};
}

Step on(const Stopping& s, const SignalFailed&, const Circumstances&) {
  if (!s.child) return {s, {}};
  return lose_control(*s.child, State::Stopping);
}

// --- BACKOFF
Step on(const Backoff&, const StopAsked&, const Circumstances&) {
  return {Stopped{}, {Publish{State::Stopped, State::Backoff}}};
}

Step on(const Backoff&, const GiveUpAsked&, const Circumstances&) {
  return {Fatal{}, {Publish{State::Fatal, State::Backoff}}};
}

Step on(const Backoff& b, const TimePassed&, const Circumstances& c) {
  if (!c.may_start || c.now < b.retry_at) return {b, {}};
  return start(State::Backoff, b.failures, c);
}

// --- EXITED
Step on(const Exited& x, const StartAsked&, const Circumstances& c) {
  if (x.restart_at && c.now < *x.restart_at) return {x, {}};  // it will, and no sooner than start_interval allows
  return start(State::Exited, 0, c);
}

Step on(const Exited& x, const StopAsked&, const Circumstances&) { return {Exited{x.status, std::nullopt}, {}}; }
Step on(const Exited& x, const GiveUpAsked&, const Circumstances&) { return {Exited{x.status, std::nullopt}, {}}; }

Step on(const Exited& x, const TimePassed&, const Circumstances& c) {
  if (!c.may_start || !x.restart_at || c.now < *x.restart_at) return {x, {}};
  return start(State::Exited, 0, c);
}

// --- UNKNOWN
Step on(const Unknown& u, const StartAsked&, const Circumstances&) { return {u, {Report::AlreadyRunning}}; }

Step on(const Unknown&, const Died& e, const Circumstances&) {
  return {Exited{e.status, std::nullopt}, {Publish{State::Exited, State::Unknown, 0, false}, Report::ExitedUnexpected}};
}

struct StateOf {
  State operator()(const Stopped&) const { return State::Stopped; }
  State operator()(const Starting&) const { return State::Starting; }
  State operator()(const Running&) const { return State::Running; }
  State operator()(const Stopping&) const { return State::Stopping; }
  State operator()(const Backoff&) const { return State::Backoff; }
  State operator()(const Exited&) const { return State::Exited; }
  State operator()(const Fatal&) const { return State::Fatal; }
  State operator()(const Unknown&) const { return State::Unknown; }
};

}  // namespace

Step step(const Phase& phase, const Policy& policy, const Event& event, Instant now, bool may_start) {
  const Circumstances c{policy, now, may_start};
  return std::visit([&c](const auto& p, const auto& e) { return on(p, e, c); }, phase, event);
}

std::optional<Instant> deadline(const Phase& phase, bool may_start) {
  if (const auto* s = std::get_if<Starting>(&phase); s && s->child) return s->up_at;
  if (const auto* s = std::get_if<Stopping>(&phase); s && s->child) return s->kill_at;
  if (const auto* b = std::get_if<Backoff>(&phase); b && may_start) return b->retry_at;
  if (const auto* x = std::get_if<Exited>(&phase); x && may_start) return x->restart_at;
  return std::nullopt;
}

State state_of(const Phase& phase) { return std::visit(StateOf{}, phase); }

std::optional<ProcessId> child_of(const Phase& phase) {
  if (const auto* s = std::get_if<Starting>(&phase)) return s->child;
  if (const auto* r = std::get_if<Running>(&phase)) return r->child;
  if (const auto* s = std::get_if<Stopping>(&phase)) return s->child;
  if (const auto* u = std::get_if<Unknown>(&phase)) return u->child;
  return std::nullopt;
}

std::string_view name_of(State state) {
  switch (state) {
    case State::Stopped: return "STOPPED";
    case State::Starting: return "STARTING";
    case State::Running: return "RUNNING";
    case State::Backoff: return "BACKOFF";
    case State::Stopping: return "STOPPING";
    case State::Exited: return "EXITED";
    case State::Fatal: return "FATAL";
    case State::Unknown: break;
  }
  return "UNKNOWN";
}

std::string_view name_of(Report report) {
  switch (report) {
    case Report::SpawnFailed: return "SpawnFailed";
    case Report::EnteredRunning: return "EnteredRunning";
    case Report::ExitedExpected: return "ExitedExpected";
    case Report::ExitedUnexpected: return "ExitedUnexpected";
    case Report::ExitedTooQuickly: return "ExitedTooQuickly";
    case Report::Stopped: return "Stopped";
    case Report::GaveUp: return "GaveUp";
    case Report::Killing: return "Killing";
    case Report::AlreadyRunning: return "AlreadyRunning";
    case Report::CannotSignal: break;
  }
  return "CannotSignal";
}

bool is_stopped(State state) {
  return state == State::Stopped || state == State::Exited || state == State::Fatal || state == State::Unknown;
}

bool is_running(State state) { return state == State::Running || state == State::Backoff || state == State::Starting; }

bool is_signallable(State state) {
  return state == State::Running || state == State::Starting || state == State::Stopping;
}

}  // namespace upkeep::core
