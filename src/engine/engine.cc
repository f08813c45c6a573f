#include "engine/engine.h"

#include <fmt/core.h>
#include <unistd.h>

#include <csignal>

#include "base/signals.h"
#include "engine/background.h"
#include "engine/pidfile.h"
#include "engine/successor.h"

namespace upkeep::engine {
namespace {

constexpr Duration kWaitLineInterval{std::chrono::seconds{3}};

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
      log_(config().daemon.log_level) {
  loop_.add_clockwork(*this);
}

Engine::~Engine() { loop_.remove_clockwork(*this); }

// --- the daemon as a whole

void Engine::on_signalled(int number, std::uint64_t sequence) {
  if (is_supervisord()) {
    act_on(number);
  } else if (number == SIGTERM || number == SIGINT || number == SIGQUIT) {
    set_mood(core::Mood::ShuttingDown);
  } else if (number == SIGHUP) {
    supervisor_->rescan();
  }
  link_.acknowledge(sequence);
}

void Engine::act_on(int number) {
  const std::string name = signal_name(number);
  switch (number) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
      log(LogLevel::Warn, fmt::format("received {} indicating exit request", name));
      set_mood(core::Mood::ShuttingDown);
      break;
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
  const Error error = become_keeper(argv_, items);
  log(LogLevel::Critical, "the keeper was killed and this process cannot take over: " + error.text);
  ::_exit(1);
}

DaemonInfo Engine::info() const {
  const config::Daemon& daemon = config().daemon;
  return {keeper_pid_, newest_daemon().identifier, daemon.logfile == "syslog" ? "" : daemon.logfile,
          mood_ != core::Mood::Running};
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
  remember();
  if (!was_running) return;
  events_->publish(core::EventType::SupervisorStateChangeStopping, {});
  supervisor_->begin_stop();
  loop_.defer([this] {  // after the answer to whoever asked is on its way
    advance_stop();
    on_time(loop_.now());
  });
}

void Engine::advance_stop() {
  if (!finished_ && supervisor_->advance_stop()) finish();
}

std::optional<Instant> Engine::next_deadline() const { return next_wait_line_; }

void Engine::on_time(Instant now) {
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
  front_end_->close(link_);
  if (program_directories_) program_directories_->close();
  if (is_supervisord()) remove_pidfile(config().daemon.pidfile, keeper_pid_);
  if (mood_ == core::Mood::Restarting) {
    link_.restart();
  } else {
    link_.quit(0);
  }
  link_.flush_before_exit();
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
