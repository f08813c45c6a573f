#include "engine/engine.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/signals.h"
#include "base/stop_signals.h"
#include "base/version.h"
#include "core/essential.h"
#include "engine/background.h"
#include "engine/pidfile.h"
#include "engine/successor.h"

namespace upkeep::engine {
namespace {

constexpr Duration kWaitLineInterval{std::chrono::seconds{3}};
constexpr Duration kKillInterval{std::chrono::seconds{1}};  // what comes after a killed script must go, too

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

Engine::Engine(std::vector<std::string> argv, Origin origin, Loads loads, KeeperLink link, Snapshot snapshot)
    : argv_(std::move(argv)),
      origin_(std::move(origin)),
      loads_(std::move(loads)),
      setting_{loads_.own().environment, origin_.limits, newest_daemon().strip_ansi},
      link_(std::move(link)),
      snapshot_(std::move(snapshot)),
      keeper_pid_(static_cast<int>(snapshot_.welcome.keeper_pid)),
      watchdog_(loop_),
      alarm_(loop_, [this] { log(LogLevel::Warn, "the engine has been well for ten minutes: the alarm is over"); }),
      log_(config().daemon.log_level),
      upgrade_(link_, snapshot_.welcome, [this](LogLevel level, const std::string& text) { log(level, text); }),
      syslog_("supervisord", [this](const logs::SinkTrouble& what) { log_.report(what); }) {
  loop_.add_clockwork(*this);
}

Engine::~Engine() { loop_.remove_clockwork(*this); }

// --- the daemon as a whole

void Engine::on_signalled(int number, std::uint64_t sequence) {
  if (number == kUpgradeSignal) {
    if (mood_ == core::Mood::Running) (void)upgrade_.ask("");  // what is wrong has been logged
  } else if (is_supervisord()) {
    act_on(number);
  } else if (asks_to_stop(number)) {
    set_mood(core::Mood::ShuttingDown);
  } else if (number == SIGHUP) {
    supervisor_->rescan();
  }
  link_.acknowledge(sequence);
}

void Engine::act_on(int number) {
  const std::string name = signal_name(number);
  if (asks_to_stop(number)) {
    log(LogLevel::Warn, fmt::format("received {} indicating exit request", name));
    return set_mood(core::Mood::ShuttingDown);
  }
  switch (number) {
    case SIGHUP:
      if (mood_ == core::Mood::ShuttingDown) {
        log(LogLevel::Warn, "ignored SIGHUP indicating restart request (shutdown in progress)");
      } else {
        log(LogLevel::Warn, "received SIGHUP indicating restart request");
        set_mood(core::Mood::Restarting);
      }
      break;
    case SIGUSR2:
      log(LogLevel::Info, "received SIGUSR2 indicating log reopen request");
      log(LogLevel::Info, "supervisord logreopen");
      sinks_->reopen_all();
      break;
    default: log(LogLevel::Info, fmt::format("received {}, which means nothing to supervisord: ignored", name)); break;
  }
}

void Engine::on_orphan(const wire::Orphan& fact) {
  log(keeper_pid_ == 1 ? LogLevel::Info : LogLevel::Debug,
      fmt::format("reaped unknown pid {} ({})", fact.pid, fact.status.describe()));
  log(LogLevel::Debug, "received SIGCHLD indicating a child quit");
}

void Engine::on_refused(const std::string& why) { log(LogLevel::Error, "the keeper refused a request: " + why); }

void Engine::on_keeper_lost() {
  auto items = link_.handover([this](const std::string& slot) {
    const auto colon = slot.find(':');
    const SupervisedProcess* process =
        colon == std::string::npos ? nullptr : supervisor_->find(slot.substr(0, colon), slot.substr(colon + 1));
    return process ? process->channels().fds() : KeeperLink::ChannelFds{};
  });
  // The end that somebody asked for must not depend on a note, which a later engine may have to ignore.
  if (mood_ == core::Mood::ShuttingDown) items.push_back({wire::Signalled{SIGTERM}, {}});
  if (auto report = upgrade_.died_of()) {
    wire::KeeperState state;
    state.upgrade = std::move(report);
    items.insert(items.begin(), {std::move(state), {}});
  }
  const Error error = become_keeper(argv_, items);
  log(LogLevel::Critical, "the keeper was killed and this process cannot take over: " + error.text);
  ::_exit(1);
}

// An engine of another image goes on. What was taken out of the pipes should be where it belongs by then.
void Engine::on_leave() {
  sinks_->settle();
  link_.flush_before_exit();
  loop_.stop();
}

DaemonStatus Engine::status() const {
  return {version(), keeper_pid_, static_cast<int>(::getpid()), static_cast<int>(snapshot_.welcome.engine_starts) + 1,
          upgrade_.status()};
}

DaemonInfo Engine::info() const {
  const config::Daemon& daemon = config().daemon;
  return {keeper_pid_, newest_daemon().identifier, daemon.logfile == "syslog" ? "" : daemon.logfile,
          mood_ != core::Mood::Running, alarm_.text()};
}

Answer Engine::clear_log() {
  const auto cleared = log_.clear();
  if (cleared) return Answer{};
  return Refused{cleared.error().code == ENOENT ? Refusal::NoFile : Refusal::Failed};
}

// --- the end

void Engine::set_mood(core::Mood asked) {
  const core::Mood next = core::after_request(mood_, asked);
  if (next == mood_) return;
  const bool was_running = mood_ == core::Mood::Running;
  mood_ = next;
  if (const auto& grace = config().daemon.stop_grace; grace && was_running) kill_at_ = core::later(loop_.now(), *grace);
  remember();
  if (!was_running) return;
  events_->publish(core::EventType::SupervisorStateChangeStopping, {});
  supervisor_->begin_stop();
  loop_.defer([this] {  // after the answer to whoever asked is on its way
    advance_stop();
    on_time(loop_.now());
  });
}

// A program that is all this daemon is for has ended for good.
void Engine::end_with_essentials() {
  if (mood_ != core::Mood::Running) return;
  for (const SupervisedProcess* process : supervisor_->all()) {
    if (!process->config().essential) continue;
    const auto code = core::final_exit_code(process->phase(), process->last_status());
    if (!code) continue;
    exit_code_ = *code;
    log(LogLevel::Warn, fmt::format("'{}' is essential and has ended for good: everything stops, with exit code {}",
                                    process->config().name, exit_code_));
    return set_mood(core::Mood::ShuttingDown);
  }
}

void Engine::advance_stop() {
  if (!finished_ && supervisor_->advance_stop()) finish();
}

std::optional<Instant> Engine::next_deadline() const {
  if (!kill_at_) return next_wait_line_;
  return std::min(*kill_at_, next_wait_line_.value_or(*kill_at_));
}

// The end of stop_grace.
void Engine::lose_patience(Instant now) {
  if (!kill_at_ || finished_ || now < *kill_at_) return;
  kill_at_ = now + kKillInterval;
  const auto names = supervisor_->unstopped();
  log(LogLevel::Warn, "stop_grace is over: SIGKILL for " + (names.empty() ? "the scripts that are left" : join(names)));
  supervisor_->kill_all();
}

void Engine::on_time(Instant now) {
  lose_patience(now);
  if (next_wait_line_ && now < *next_wait_line_) return;
  const auto names = supervisor_->unstopped();
  next_wait_line_.reset();
  if (finished_ || names.empty()) return;
  log(LogLevel::Info, fmt::format("waiting for {} to die", join(names)));
  for (const SupervisedProcess* process : supervisor_->all())
    if (!core::is_stopped(process->state()))
      log(LogLevel::Blather, fmt::format("{} state: {}", process->config().name, core::name_of(process->state())));
  next_wait_line_ = now + kWaitLineInterval;
}

void Engine::finish() {
  finished_ = true;
  next_wait_line_.reset();
  kill_at_.reset();
  front_end_->close(link_);
  if (program_directories_) program_directories_->close();
  if (is_supervisord()) remove_pidfile(config().daemon.pidfile, keeper_pid_);
  if (mood_ == core::Mood::Restarting) {
    link_.restart();
  } else {
    link_.quit(exit_code_);
  }
  link_.flush_before_exit();
  // A keeper that died in this very moment did not hear it: then we are the keeper that restarts.
  if (mood_ == core::Mood::Restarting && !link_.is_connected()) on_keeper_lost();
  loop_.stop();
}

void Engine::notice_background_child(const SupervisedProcess& process) {
  const config::Process& config = process.config();
  // A program that was stopped or failed may leave children behind; one that ends well and leaves some did it on
  // purpose.
  const bool ended_well = process.last_status() == ExitStatus{ExitStatus::Kind::Exited, 0, false};
  if (!ended_well || process.state() == core::State::Stopping || told_of_background_.contains(process.slot())) return;
  std::set<int> known{static_cast<int>(::getpid())};
  for (const SupervisedProcess* other : supervisor_->all()) known.insert(other->pid());
  const auto pid = find_background_child(keeper_pid_, config.group, config.name, known);
  if (!pid) return;
  told_of_background_.insert(process.slot());
  log(LogLevel::Warn,
      fmt::format("'{}' put itself in the background: pid {} runs on, but not under supervision. Make it stay in the "
                  "foreground, for example with an option such as -D, -F, --foreground or --nodaemon",
                  config.name, *pid));
}

void Engine::log(LogLevel level, const std::string& text) {
  if (log_is_open_) {
    log_.line(level, text);
  } else {
    early_.push_back({level, text});
  }
}

}  // namespace upkeep::engine
