#include "core/service.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/bytes.h"
#include "base/overloaded.h"

namespace upkeep::core {
namespace {

// The scripts that are the service; the others clean up after it.
bool serves(Script script) { return script == Script::Run || script == Script::Start; }

// One step in the making.
class Turn {
 public:
  Turn(Service service, const ServiceSituation& situation) : next_(std::move(service)), at_(situation) {}

  void operator()(const Commanded& command);
  void operator()(const HookEnded& ended);
  void operator()(const Begun&);
  void operator()(const Ended& ended);
  void operator()(const ForkFailed&);
  void operator()(const SaidReady&) { next_.ready = at_.has_process && next_.script == Script::Run; }
  void operator()(const TimeIsUp&) {}

  void begin();
  Service service() && { return std::move(next_); }
  ServiceStep finish() &&;

 private:
  void up(Want want);
  void down(bool to_group, bool signals = true);
  void signal(char letter, bool to_group, bool sends = true);
  bool has_hook(char letter) const { return at_.scripts.control.find(letter) != std::string::npos; }
  void run_hook(char command, char script, bool to_group);
  void settle();
  void fail();
  void ask(Script script, Instant at) {
    next_.due = script;
    next_.due_at = at;
  }
  void act(ServiceAction action) { actions_.push_back(std::move(action)); }
  bool is_main() const { return at_.has_process && serves(next_.script); }
  bool is_finishing() const { return at_.has_process ? next_.script == Script::Finish : next_.due == Script::Finish; }
  bool waits_to_start() const { return next_.due && serves(*next_.due); }

  Service next_;
  const ServiceSituation& at_;
  std::vector<ServiceAction> actions_;
};

void Turn::operator()(const Commanded& command) {
  // `d` asks `control/t` first, since TERM is what it sends.
  const char asked = command.letter == 'd' ? 't' : command.letter;
  const bool is_asked = is_main() && signal_of(asked) != 0 && has_hook(asked);
  if (is_asked && next_.hook == 0) {
    if (command.letter == 'd') {  // the process may end before the answer comes
      next_.want = Want::Down;
      next_.stop_done = false;
    }
    return run_hook(command.letter, asked, command.to_group);
  }
  switch (command.letter) {
    case 'u': return up(Want::Up);
    case 'o': return up(Want::Once);
    case 'd':
      down(command.to_group);
      if (is_main() && has_hook('d') && next_.hook == 0) run_hook('d', 'd', command.to_group);
      return;
    case 'x': next_.leaving = true; return;
    default: return signal(command.letter, command.to_group);
  }
}

void Turn::run_hook(char command, char script, bool to_group) {
  next_.hook = command;
  next_.hook_script = script;
  next_.hook_to_group = to_group;
  act(RunHook{});
}

void Turn::operator()(const HookEnded& ended) {
  const char command = std::exchange(next_.hook, 0), script = std::exchange(next_.hook_script, 0);
  const bool to_group = std::exchange(next_.hook_to_group, false);
  if (command != 'd') return signal(command, to_group, !ended.suppresses);
  if (script == 'd') return;
  down(to_group, !ended.suppresses);
  if (is_main() && has_hook('d')) run_hook('d', 'd', to_group);
}

void Turn::up(Want want) {
  if (want == Want::Up && next_.want == Want::Down) next_.start_done = false;
  next_.want = want;
  next_.failed = false;
  if (next_.due) return;
  if (!at_.has_process) return begin();
  if (!is_main() && want == Want::Once) begin();  // once more, after `stop` or `finish`
}

// Also the first start of all.
void Turn::begin() {
  const Instant at = next_.run_at == Instant{} ? at_.now : std::max(at_.now, later(next_.run_at, kStartInterval));
  next_.started = false;
  if (at_.scripts.start && !next_.start_done) return ask(Script::Start, at);
  if (at_.scripts.run || !(at_.scripts.start || at_.dialect == Dialect::Encore)) return ask(Script::Run, at);
  next_.want = Want::Once;
  next_.started = true;
}

void Turn::down(bool to_group, bool signals) {
  next_.want = Want::Down;
  next_.paused = false;
  next_.started = false;
  // A service between two runs is a live one: supervise never saw it otherwise.
  if (is_main() || is_finishing() || (waits_to_start() && !at_.has_process)) next_.stop_done = false;
  if (waits_to_start()) next_.due.reset();
  if (is_main()) {
    if (signals) act(to_group ? ServiceAction{Kill{SIGTERM, true}} : ServiceAction{StopProcess{}});
    act(Kill{SIGCONT, to_group});
  } else if (!at_.has_process && !next_.due) {
    settle();
  }
}

void Turn::signal(char letter, bool to_group, bool sends) {
  const int number = signal_of(letter);
  if (number == 0) return;  // supervise ignores what it does not know, a newline for one
  if (letter == 'p') next_.paused = true;
  if (letter == 'c') next_.paused = false;
  if (at_.has_process && sends) act(Kill{number, to_group});
}

void Turn::operator()(const Begun&) {
  next_.script = std::exchange(next_.due, std::nullopt).value_or(next_.script);
  next_.ready = false;
  next_.paused = false;
  if (next_.script != Script::Run) return;
  next_.run_at = at_.now;
  next_.start_done = true;  // a `start` that appears later waits for the next 'u'
}

void Turn::operator()(const ForkFailed&) {
  if (serves(next_.script) && next_.want == Want::Down) return settle();
  ask(next_.due.value_or(next_.script), later(at_.now, kFailedForkPause));
}

void Turn::operator()(const Ended& ended) {
  next_.ready = false;
  const auto exited_with = [&](int code) {
    return ended.status == ExitStatus{ExitStatus::Kind::Exited, code, ended.status.core_dumped};
  };
  switch (next_.script) {
    case Script::Run:
      next_.run_end = ended.status;
      if (at_.dialect == Dialect::Encore && exited_with(kPermanentFailure)) fail();
      if (at_.scripts.finish) return ask(Script::Finish, at_.now);
      break;
    case Script::Finish:
      if (exited_with(kFinishedForGood)) fail();
      break;
    case Script::Start:
      next_.start_done = exited_with(0);
      if (ended.status.kind == ExitStatus::Kind::Unknown && next_.want != Want::Down && !next_.leaving) {
        return begin();  // the keeper was killed meanwhile, which is no fault of the script's: it runs once more
      }
      if (!next_.start_done) {
        fail();
      } else if (next_.want != Want::Down && !next_.leaving) {
        return begin();
      }
      break;
    case Script::Stop: break;
  }
  if (!next_.due) settle();
}

// Nothing runs and nothing is due: what comes next.
void Turn::settle() {
  const bool restarts = next_.want == Want::Up && !next_.failed;
  if (restarts) {
    if (!next_.leaving) begin();
    return;
  }
  if (!at_.scripts.stop || next_.stop_done || next_.failed) return;
  next_.stop_done = true;
  ask(Script::Stop, at_.now);
}

void Turn::fail() {
  next_.failed = true;
  next_.want = Want::Down;
  if (waits_to_start()) next_.due.reset();
}

ServiceStep Turn::finish() && {
  const bool idle = !at_.has_process && next_.hook == 0;
  // A restart that is due is none any more; what an 'o' asked for happens before the end.
  if (idle && next_.leaving && next_.want != Want::Once && waits_to_start()) next_.due.reset();
  if (idle && next_.due && next_.due_at <= at_.now) {
    act(StartScript{});
  } else if (idle && next_.leaving && !next_.due) {
    act(Leave{});
  }
  return {std::move(next_), std::move(actions_)};
}

}  // namespace

int signal_of(char letter) {
  switch (letter) {
    case 'p': return SIGSTOP;
    case 'c': return SIGCONT;
    case 't': return SIGTERM;
    case 'h': return SIGHUP;
    case 'a': return SIGALRM;
    case 'i': return SIGINT;
    case 'k': return SIGKILL;
    case 'q': return SIGQUIT;
    case '1': return SIGUSR1;
    case '2': return SIGUSR2;
    case 'w': return SIGWINCH;
    default: return 0;
  }
}

std::string_view name_of(Script script) {
  switch (script) {
    case Script::Run: return "run";
    case Script::Start: return "start";
    case Script::Stop: return "stop";
    case Script::Finish: break;
  }
  return "finish";
}

Service new_service(bool down, const ServiceSituation& situation) {
  Service service;
  if (down) {
    service.want = Want::Down;
    return service;
  }
  Turn turn{std::move(service), situation};
  turn.begin();
  return std::move(turn).service();
}

ServiceStep step(const Service& service, const ServiceEvent& event, const ServiceSituation& situation) {
  Turn turn{service, situation};
  std::visit(turn, event);
  return std::move(turn).finish();
}

std::optional<Instant> deadline(const Service& service, bool has_process) {
  if (has_process || service.hook != 0 || !service.due) return std::nullopt;
  return service.due_at;
}

char want_letter(Want want) {
  switch (want) {
    case Want::Up: return 'u';
    case Want::Down: return 'd';
    case Want::Once: break;
  }
  return 0;
}

ServiceState state_of(const Service& service, bool has_process) {
  if (!has_process) {
    if (service.failed) return ServiceState::Failed;
    return service.started ? ServiceState::Started : ServiceState::Stopped;
  }
  switch (service.script) {
    case Script::Start: return ServiceState::Starting;
    case Script::Run: return service.want == Want::Down ? ServiceState::Stopping : ServiceState::Running;
    case Script::Stop:
    case Script::Finish: break;
  }
  return ServiceState::Stopped;  // as encore has it while `stop` runs
}

State shown_state(const Service& service, const Phase& phase, bool is_notified) {
  const State state = state_of(phase);
  if (is_signallable(state) && state != State::Stopping) {
    if (service.script == Script::Stop || service.script == Script::Finish) return State::Stopping;
    if (service.want == Want::Down) return State::Stopping;  // by a signal to its group, or by `control/d`
    if (service.script == Script::Start || (is_notified && !service.ready)) return State::Starting;
    return state;
  }
  if (!is_stopped(state) || state == State::Unknown) return state;
  if (service.failed) return State::Fatal;
  if (service.due) return State::Backoff;
  return service.want == Want::Down ? State::Stopped : State::Exited;
}

namespace {
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kNoScript = 0xff;
}  // namespace

std::string encode(const Service& service) {
  ByteWriter out;
  out.number(kVersion);
  out.number(static_cast<std::uint8_t>(service.want));
  for (const bool flag : {service.leaving, service.paused, service.failed, service.ready, service.start_done,
                          service.stop_done, service.started, service.run_end.core_dumped})
    out.number(flag);
  out.number(static_cast<std::uint8_t>(service.script));
  out.number(service.due ? static_cast<std::uint8_t>(*service.due) : kNoScript);
  out.number(service.due_at.time_since_epoch().count());
  out.number(service.run_at.time_since_epoch().count());
  out.number(static_cast<std::uint8_t>(service.run_end.kind));
  out.number(service.run_end.value);
  out.number(service.hook);
  out.number(service.hook_script);
  out.number(service.hook_to_group);
  return out.take();
}

Result<Service> decode_service(std::string_view bytes) {
  ByteReader in{bytes};
  bool sound = in.number<std::uint8_t>() == kVersion;
  const auto within = [&](std::uint8_t most) {
    const auto value = in.number<std::uint8_t>();
    sound = sound && value <= most;
    return value;
  };
  Service service;
  service.want = static_cast<Want>(within(static_cast<std::uint8_t>(Want::Once)));
  for (bool* flag : {&service.leaving, &service.paused, &service.failed, &service.ready, &service.start_done,
                     &service.stop_done, &service.started, &service.run_end.core_dumped})
    *flag = within(1) == 1;
  service.script = static_cast<Script>(within(static_cast<std::uint8_t>(Script::Finish)));
  if (const auto due = in.number<std::uint8_t>(); due != kNoScript) {
    sound = sound && due <= static_cast<std::uint8_t>(Script::Finish);
    service.due = static_cast<Script>(due);
  }
  service.due_at = Instant{Duration{in.number<std::int64_t>()}};
  service.run_at = Instant{Duration{in.number<std::int64_t>()}};
  service.run_end.kind = static_cast<ExitStatus::Kind>(within(static_cast<std::uint8_t>(ExitStatus::Kind::Unknown)));
  service.run_end.value = in.number<int>();
  service.hook = in.number<char>();
  service.hook_script = in.number<char>();
  service.hook_to_group = within(1) == 1;
  if (!sound || !in.at_end()) return Error{"service note: damaged"};
  return service;
}

}  // namespace upkeep::core
