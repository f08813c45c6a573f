#include "engine/supervised_process.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/overloaded.h"
#include "base/signals.h"
#include "engine/error_symbol.h"
#include "engine/process_info.h"
#include "engine/shortage.h"
#include "events/payload.h"

namespace upkeep::engine {
namespace {

std::string_view name_of(wire::SpawnStage stage) {
  switch (stage) {
    case wire::SpawnStage::Group: return "setpgid";
    case wire::SpawnStage::Stdio: return "dup2";
    case wire::SpawnStage::Limits: return "setrlimit";
    case wire::SpawnStage::Ids: return "the switch of user";
    case wire::SpawnStage::Directory: return "chdir";
    case wire::SpawnStage::Exec: return "exec";
    case wire::SpawnStage::None:
    case wire::SpawnStage::Pipes:
    case wire::SpawnStage::Fork: break;
  }
  return "its start";
}

// Supervisor's words for a start that the keeper could not make.
std::string describe(const wire::SpawnFailed& fact, const std::string& name) {
  const std::string error = symbol_of(fact.error);
  if (fact.stage == wire::SpawnStage::Fork) {
    if (fact.error == EAGAIN) return fmt::format("Too many processes in process table to spawn '{}'", name);
    return fmt::format("unknown error during fork for '{}': {}", name, error);
  }
  if (fact.error == EMFILE) return fmt::format("too many open files to spawn '{}'", name);
  return fmt::format("unknown error making dispatchers for '{}': {}", name, error);
}

template <class Action>
bool has(const std::vector<core::Action>& actions) {
  return std::any_of(actions.begin(), actions.end(),
                     [](const core::Action& action) { return std::holds_alternative<Action>(action); });
}

}  // namespace

SupervisedProcess::SupervisedProcess(const config::Process& config, Surroundings& surroundings, Role role)
    : config_(config),
      around_(surroundings),
      role_(role),
      slot_(role.service ? role.service->slot() : config.group + ":" + config.name),
      channels_(config, surroundings, role.listens) {}

void SupervisedProcess::make_auto_logs() {
  const auto made = [this](const config::LogTarget& target, const std::string& known, Stdio channel) {
    const bool is_wanted = target.kind == config::LogTarget::Kind::Auto && known.empty() && around_.make_auto_log;
    return is_wanted ? around_.make_auto_log(config_, channel) : known;
  };
  std::string out = made(config_.out.target, channels_.auto_out(), Stdio::Out);
  channels_.set_auto_logs(std::move(out), made(config_.err.target, channels_.auto_err(), Stdio::Err));
}

void SupervisedProcess::resume(const core::Resumption& resumption, const std::optional<core::ProcessNote>& note,
                               Snapshot::Entry* entry) {
  if (note) {
    start_ = note->start;
    stop_ = note->stop;
    exit_status_ = note->exit_status;
    spawn_error_ = note->spawn_error;
    serial_ = note->serial;
    channels_.set_auto_logs(note->out_log, note->err_log);
  }
  make_auto_logs();
  phase_ = resumption.phase;
  if (entry) {
    serial_ = std::max(serial_, entry->slot.serial);
    if (entry->slot.pid != 0 || entry->slot.owed) {
      pid_ = entry->slot.pid != 0 ? entry->slot.pid : entry->slot.ended_pid;
      if (!note || note->serial != entry->slot.serial) start_ = entry->slot.started_wall;
      (void)channels_.open_sinks();  // logged where it fails; the program goes on without
      channels_.open(pid_, std::move(entry->channels));
      if (role_.socket) role_.socket->resume(slot_);
    }
  }
  const bool exit_is_news =
      std::any_of(resumption.happenings.begin(), resumption.happenings.end(),
                  [](const core::Happening& h) { return std::holds_alternative<core::Died>(h.event); });
  if (entry && entry->slot.owed && !exit_is_news) {
    // The note has dealt with that exit; the slot must be free for a start.
    end_of_start();
    around_.keeper.release(slot_, this->note());
  } else if (resumption.happenings.empty() && !(note && is_as_noted(*note))) {
    write_note();  // or the next engine would go by another note than we do
  }
  for (const core::Action& action : resumption.actions) {
    if (std::holds_alternative<core::Spawn>(action)) ++serial_;
    perform(action);
  }
  for (const core::Happening& happening : resumption.happenings) {
    const auto* died = std::get_if<core::Died>(&happening.event);
    if (died && entry && entry->slot.owed) {
      on_exited({slot_, entry->slot.serial, died->status, entry->slot.failed_stage, entry->slot.failed_errno,
                 happening.at, entry->slot.ended_wall});
      continue;
    }
    if (died) {  // nobody saw how
      stop_ = wall_now();
      last_status_ = died->status;
      exit_status_ = died->status.code();
    }
    feed_at(happening.event, happening.at, false);
  }
}

bool SupervisedProcess::is_as_noted(const core::ProcessNote& note) const {
  return note.phase == phase_ && note.out_log == channels_.auto_out() && note.err_log == channels_.auto_err();
}

std::string SupervisedProcess::note() const {
  return core::encode(core::ProcessNote{phase_, start_, stop_, exit_status_, spawn_error_, serial_,
                                        channels_.auto_out(), channels_.auto_err(),
                                        role_.service ? role_.service->note() : std::string{}});
}

void SupervisedProcess::write_note() { around_.keeper.note(slot_, note()); }

bool SupervisedProcess::awaits_keeper() const {
  const auto* starting = std::get_if<core::Starting>(&phase_);
  const auto* stopping = std::get_if<core::Stopping>(&phase_);
  return (starting && !starting->child) || (stopping && !stopping->child);
}

std::optional<Instant> SupervisedProcess::deadline() const {
  const auto own = core::deadline(phase_, core::may_start(around_.mood));
  const auto service = role_.service ? role_.service->deadline() : std::nullopt;
  return own && service ? std::min(own, service) : own ? own : service;
}

void SupervisedProcess::feed(const core::Event& event) {
  if (role_.service) {
    if (std::holds_alternative<core::StartAsked>(event) || std::holds_alternative<core::StopAsked>(event) ||
        std::holds_alternative<core::GiveUpAsked>(event))
      return role_.service->ask(event);
    if (std::holds_alternative<core::TimePassed>(event)) role_.service->on_time();
  }
  drive(event);
}

std::optional<Refused> SupervisedProcess::obstacle() const {
  if (role_.service) return std::nullopt;
  const auto command = resolve_command(config_, around_.setting);
  return command ? std::nullopt : std::optional{command.error()};
}

void SupervisedProcess::signal_child(int number, bool to_group) {
  const auto child = core::child_of(phase_);
  if (child) around_.keeper.signal(slot_, child->serial, number, to_group, note());
}

// The note goes out with the deed, so that an engine that dies leaves both or neither: in the SPAWN or SIGNAL itself,
// in the RELEASE of the exit, or alone where nothing else is asked of the keeper. Events go out before the note: if we
// die between these two, the next engine makes the step, and tells of it, once more.
void SupervisedProcess::feed_at(const core::Event& event, Instant now, bool releases_exit) {
  core::Step step = core::step(phase_, config_.policy, event, now, core::may_start(around_.mood));
  const bool changed = !(step.next == phase_);
  phase_ = std::move(step.next);
  if (role_.service) role_.service->observe(event, phase_);
  const bool spawns = has<core::Spawn>(step.actions), signals = has<core::Signal>(step.actions);
  if (spawns) ++serial_;
  for (const core::Action& action : step.actions)
    if (const auto* what = std::get_if<core::Report>(&action)) record(*what, event);  // the note tells it, too
  for (const core::Action& action : step.actions)
    if (const auto* change = std::get_if<core::Publish>(&action)) publish(*change);
  if (releases_exit) {
    around_.keeper.release(slot_, note());
  } else if (changed && !spawns && !signals) {
    write_note();
  }
  for (const core::Action& action : step.actions) perform(action);
  if (role_.service) role_.service->follow_up();
  if (!step.actions.empty() || changed) around_.changed(*this);
}

void SupervisedProcess::perform(const core::Action& action) {
  std::visit(Overloaded{[&](const core::Spawn&) { spawn(); },
                        [&](const core::Signal& signal) {
                          log(LogLevel::Debug,
                              fmt::format("killing {} (pid {}) {}with signal {}", config_.name, pid_,
                                          signal.group ? "process group " : "", signal_name(signal.number)));
                          around_.keeper.signal(slot_, signal.child.serial, signal.number, signal.group, note());
                        },
                        [&](const core::Publish& published) {  // that is done
                          if (published.from == core::State::Backoff && published.state == core::State::Stopped)
                            log(LogLevel::Debug,
                                fmt::format("Attempted to kill {}, which is in BACKOFF state.", config_.name));
                        },
                        [&](const core::Report& what) { report(what); }},
             action);
}

void SupervisedProcess::spawn() {
  spawn_error_.clear();
  exit_status_ = 0;
  start_ = wall_now();
  if (role_.service) return spawn_script();
  auto command = resolve_command(config_, around_.setting);
  if (!command) return feed(core::SpawnFailed{command.error().detail.value_or("")});
  if (const auto opened = channels_.open_sinks(); !opened) return feed(no_sinks(opened.error()));
  auto passed = acquire_socket();
  if (!passed) return feed(core::SpawnFailed{passed.error().text});
  wire::SpawnPlan plan = make_spawn_plan(config_, std::move(*command), around_.setting);
  if (role_.socket) plan.stdio[0] = wire::StdioSource::Passed;
  around_.keeper.spawn(slot_, serial_, note(), last_will(config_.policy), wire::encode(plan), std::move(*passed));
}

// What the directory holds is not looked at beforehand: the child finds out, and says it where its output goes.
void SupervisedProcess::spawn_script() {
  if (const auto opened = channels_.open_sinks(); !opened) return drive(no_sinks(opened.error()));
  ServiceRole::Start start = role_.service->prepare();
  around_.keeper.spawn(slot_, serial_, note(), last_will(config_.policy), wire::encode(start.plan),
                       std::move(start.passed));
}

// A start that failed because its logs cannot be opened by this engine.
core::SpawnFailed SupervisedProcess::no_sinks(const Error& error) {
  const pid_t self = ::getpid();
  return {error.text, tell_shortage({slot_, serial_, wire::SpawnStage::Pipes, error.code}, self)};
}

// Whether it was one; said once until a start succeeds. A service waits as supervise does, which is no affair of the
// phases.
bool SupervisedProcess::tell_shortage(const wire::SpawnFailed& fact, pid_t who) {
  if (role_.service) return false;
  const auto wanting = shortage_behind(fact, who, limits_of(who));
  if (wanting && !std::exchange(lacks_means_, true))
    log(LogLevel::Warn,
        fmt::format("'{}' waits for {}; it is tried again every {} seconds, which counts as no failed start",
                    config_.name, *wanting,
                    std::chrono::duration_cast<std::chrono::seconds>(core::kShortageWait).count()));
  return wanting.has_value();
}

Result<std::vector<Fd>> SupervisedProcess::acquire_socket() {
  std::vector<Fd> passed;
  if (role_.socket) passed.push_back(TRY(role_.socket->acquire(slot_)));
  return passed;
}

void SupervisedProcess::end_of_start() {
  channels_.finish();
  if (role_.socket) role_.socket->release(slot_);
  if (role_.listens) around_.events.gone(config_.group, config_.name);
}

void SupervisedProcess::publish(const core::Publish& change) {
  const core::EventType type = events::type_of(change.state);
  if (role_.listens) around_.events.offer();  // it may have become RUNNING
  if (!around_.events.wants(type) || (role_.service && !role_.service->is_main_script())) return;
  // There is no child in BACKOFF, and the last one's number means nothing any more.
  const int pid = change.from == core::State::Backoff ? 0 : pid_;
  around_.events.publish(type, events::process_state_payload({config_.name, config_.group, pid}, change));
}

void SupervisedProcess::on_spawned(wire::Spawned fact, std::vector<LentChannel> channels) {
  pid_ = fact.pid;
  lacks_means_ = false;
  log(LogLevel::Info, fmt::format("spawned: '{}' with pid {}", config_.name, pid_));
  channels_.open(pid_, std::move(channels));
  feed_at(core::Spawned{{fact.serial}}, fact.started, false);
}

void SupervisedProcess::on_spawn_failed(const wire::SpawnFailed& fact) {
  end_of_start();
  feed(core::SpawnFailed{describe(fact, config_.name), tell_shortage(fact, ::getppid())});
}

void SupervisedProcess::on_exited(const wire::Exited& fact) {
  end_of_start();
  if (fact.failed_stage != wire::SpawnStage::None)
    log(LogLevel::Info, fmt::format("'{}' never ran its program: {} failed with {} (its log may say more)",
                                    config_.name, name_of(fact.failed_stage), symbol_of(fact.failed_errno)));
  stop_ = fact.ended_wall;
  last_status_ = fact.status;
  exit_status_ = fact.status.code();
  around_.exited(*this);  // before a restart: whatever bears our name now was left behind by this child
  feed_at(core::Died{fact.status}, fact.ended, true);
}

void SupervisedProcess::on_signal_failed(const wire::SignalFailed& fact) {
  const bool is_kill = state() == core::State::Stopping;
  const char* known = ::strerrordesc_np(fact.error);
  const std::string why = known != nullptr ? known : fmt::format("error {}", fact.error);
  if (fact.error == ESRCH) {  // its end will be told
    return log(LogLevel::Debug, fmt::format("unable to signal {} (pid {}), it probably just {}exited on its own: "
                                            "[Errno {}] {}",
                                            config_.name, pid_, is_kill ? "" : "now ", fact.error, why));
  }
  signal_error_ = fmt::format("unknown problem {} {} ({}): signal {}: {}", is_kill ? "killing" : "sending sig",
                              config_.name, pid_, signal_name(fact.number), why);
  log(LogLevel::Critical, signal_error_);
  feed(core::SignalFailed{why});
}

Result<void> SupervisedProcess::send_signal(int number) {
  const auto child = core::child_of(phase_);
  if (!child) {
    std::string why =
        fmt::format("attempted to send {} sig {} but it wasn't running", config_.name, signal_name(number));
    log(LogLevel::Debug, why);
    return Error{std::move(why)};
  }
  log(LogLevel::Debug, fmt::format("sending {} (pid {}) sig {}", config_.name, pid_, signal_name(number)));
  around_.keeper.signal(slot_, child->serial, number, false, std::nullopt);
  return {};
}

// What users see of a failure until the next start.
void SupervisedProcess::record(core::Report what, const core::Event& event) {
  if (what == core::Report::SpawnFailed) {
    if (const auto* failed = std::get_if<core::SpawnFailed>(&event)) spawn_error_ = failed->why;
  } else if (what == core::Report::ExitedUnexpected) {
    spawn_error_ = fmt::format("Bad exit code {}", exit_status_);
  } else if (what == core::Report::ExitedTooQuickly) {
    spawn_error_ = core::kExitedTooQuickly;
    exit_status_ = 0;
  }
}

void SupervisedProcess::report(core::Report what) {
  const std::string& name = config_.name;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(config_.policy.start_time).count();
  const auto ended = [&](std::string_view how) {
    return fmt::format("exited: {} ({}; {})", name, last_status_.describe(), how);
  };
  switch (what) {
    case core::Report::SpawnFailed: return log(LogLevel::Info, "spawnerr: " + spawn_error_);
    case core::Report::EnteredRunning:
      return log(
          LogLevel::Info,
          fmt::format("success: {} entered RUNNING state, process has stayed up for > than {} seconds (startsecs)",
                      name, seconds));
    case core::Report::ExitedExpected: return log(LogLevel::Info, ended("expected"));
    case core::Report::ExitedUnexpected:
    case core::Report::ExitedTooQuickly: return log(LogLevel::Warn, ended("not expected"));
    case core::Report::Stopped:
      return log(config_.policy.expects(last_status_) ? LogLevel::Info : LogLevel::Warn,
                 fmt::format("stopped: {} ({})", name, last_status_.describe()));
    case core::Report::GaveUp:
      return log(LogLevel::Info,
                 fmt::format("gave up: {} entered FATAL state, too many start retries too quickly", name));
    case core::Report::Killing: return log(LogLevel::Warn, fmt::format("killing '{}' ({}) with SIGKILL", name, pid_));
    case core::Report::AlreadyRunning: return log(LogLevel::Warn, fmt::format("process '{}' already running", name));
    case core::Report::CannotSignal: return;  // on_signal_failed has said it with the reason
  }
}

ProcessInfo SupervisedProcess::info(WallTime now) const {
  ProcessInfo info;
  info.name = config_.name;
  info.group = config_.group;
  info.start = seconds_of(start_);
  info.stop = seconds_of(stop_);
  info.now = seconds_of(now);
  info.state = state();
  info.spawn_error = spawn_error_;
  info.exit_status = exit_status_;
  info.stdout_logfile = channels_.logfile(Stdio::Out).value_or("");
  info.stderr_logfile = channels_.logfile(Stdio::Err).value_or("");
  info.pid = core::child_of(phase_) ? pid_ : 0;
  info.description = describe(info);
  return info;
}

}  // namespace upkeep::engine
