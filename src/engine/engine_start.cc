// How an engine begins: cold, or where the last one was.
#include "engine/engine.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/errno_words.h"
#include "base/text.h"
#include "engine/background.h"
#include "engine/pidfile.h"
#include "engine/privileges.h"
#include "engine/service_group.h"
#include "engine/start_world.h"
#include "logs/auto_name.h"
#include "logs/stdio_sink.h"
#include "os/crash_trace.h"
#include "os/file.h"
#include "os/file_holder.h"
#include "os/socket.h"
#include "os/system_world.h"

namespace upkeep::engine {
namespace {

constexpr const char* kDaemonSlot = "daemon";
constexpr int kSuperviseFailed = 111;

// For a second instance: who is there already, a line each.
std::string who_runs(const config::Config& config) {
  std::string found;
  const auto text = os::read_file(config.daemon.pidfile, 64);
  const auto pid = text ? parse_number(trim(*text)) : std::nullopt;
  if (pid && *pid > 0 && (::kill(static_cast<pid_t>(*pid), 0) == 0 || errno == EPERM))
    found += fmt::format("\nThe pidfile {} names pid {}, which is running", config.daemon.pidfile, *pid);
  for (const config::UnixServer& server : config.unix_servers) {
    const auto listener = os::listener_pid(server.path);
    if (!listener) continue;
    const auto name = os::read_file(fmt::format("/proc/{}/comm", *listener), 64);
    found += fmt::format("\nThe socket {} is listened on by pid {}", server.path, *listener);
    // What made it listen may have handed it on: an engine that was replaced has.
    found += name ? fmt::format(" ({})", trim(*name)) : ", or whoever has it from there";
  }
  return found.empty() ? found : found.substr(1);
}

// For a second supervise on a directory. Only for people: programs compare supervise's words with the original's.
std::string who_holds_lock(const config::Config& config) {
  if (!::isatty(STDERR_FILENO)) return {};
  const auto holder = os::file_holder(config.groups.front().services->directory + "/supervise/lock");
  const auto name = holder ? os::read_file(fmt::format("/proc/{}/comm", *holder), 64) : Result<std::string>{Error{}};
  return name ? fmt::format("supervise: pid {} ({}) has it", *holder, trim(*name)) : "";
}

// In containers the file system is often read-only, or the user one who owns nothing.
std::string logfile_hint(int error) {
  if (error != EROFS && error != EACCES) return {};
  return "Set logfile in [supervisord] to a file that can be written, or to /dev/null: in the foreground (-n) every "
         "line "
         "goes to standard output as well";
}

const char* program_name(config::Face face) {
  switch (face) {
    case config::Face::Svscan: return "svscan";
    case config::Face::Supervise: return "supervise";
    case config::Face::Supervisord: break;
  }
  return "supervisord";
}

Fd dev_null() { return Fd{::open("/dev/null", O_WRONLY | O_CLOEXEC)}; }

}  // namespace

std::optional<StartFailure> Engine::start(const MakeFrontEnd& make_front_end) {
  return snapshot_.welcome.stage == wire::Stage::Running ? recover(make_front_end) : start_cold(make_front_end);
}

// --- starting

std::optional<StartFailure> Engine::start_cold(const MakeFrontEnd& make_front_end) {
  const config::Daemon& daemon = config().daemon;
  std::vector<config::Notice> notices = config().notices;
  auto setup = settle_privileges(daemon, setting_, notices);
  if (!setup) return StartFailure{setup.error().text};
  link_.setup(*setup);
  if (auto failure = begin(make_front_end, std::move(notices))) return failure;

  if (!daemon.no_cleanup && is_supervisord())
    for (const Error& error : logs::remove_auto_logs(daemon.child_log_dir, daemon.identifier))
      log(LogLevel::Warn, error.text);
  supervisor_->make_auto_logs();
  show_programs();
  if (auto failure = test_sockets()) return failure;
  warn_of_those_left_behind();

  const bool leaves_terminal = is_daemon() && snapshot_.welcome.stage == wire::Stage::Configured;
  if (leaves_terminal) leave_terminal();
  write_own_pidfile();
  wire::Ready ready;
  if (leaves_terminal) {
    ready.directory = daemon.directory;
    ready.umask = daemon.umask;
  }
  link_.ready(ready);
  events_->publish(core::EventType::SupervisorStateChangeRunning, {});
  if (config().daemon.face == config::Face::Supervise) return begin_single_service();
  supervisor_->autostart();
  return std::nullopt;
}

void Engine::show_programs() {
  if (config().daemon.service_dir.empty()) return;
  program_directories_ = std::make_unique<ProgramDirectories>(config().daemon.service_dir, *supervisor_);
  program_directories_->sync();
}

std::optional<StartFailure> Engine::begin_single_service() {
  const auto begun = supervisor_->groups().front().services->begin();
  if (begun) return std::nullopt;
  return StartFailure{fmt::format("supervise: fatal: {}: {}", begun.error().text, errno_words(begun.error().code)),
                      kSuperviseFailed, true, begun.error().code == EAGAIN ? who_holds_lock(config()) : ""};
}

// supervise ends when its service has left; so does a daemon that waits for that.
void Engine::services_changed() {
  const bool is_over =
      config().daemon.face == config::Face::Supervise && supervisor_->groups().front().services->is_over();
  if (is_over && mood_ == core::Mood::Running) return set_mood(core::Mood::ShuttingDown);
  if (mood_ != core::Mood::Running) loop_.defer([this] { advance_stop(); });
}

std::optional<StartFailure> Engine::recover(const MakeFrontEnd& make_front_end) {
  apply_min_fds(config().daemon, setting_);
  if (const auto found = snapshot_.slots.find(kDaemonSlot);
      found != snapshot_.slots.end() && !snapshot_.welcome.facts_only)
    if (const auto note = core::decode_daemon_note(found->second.slot.note)) {
      mood_ = note->mood;
      exit_code_ = note->exit_code;
      kill_at_ = note->kill_at;
    }
  if (auto failure = begin(make_front_end, {})) return failure;

  const std::vector<std::string> strays = supervisor_->resume(snapshot_, mood_);
  events_->resume();
  show_programs();
  if (is_supervisord() && !pidfile_says(config().daemon.pidfile, keeper_pid_)) write_own_pidfile();
  say_how_we_recovered(strays);
  snapshot_.slots.clear();
  tidying_.ask();
  link_.ready({});
  remember();
  if (mood_ != core::Mood::Running) {
    supervisor_->begin_stop();
    loop_.defer([this] { advance_stop(); });
  }
  end_with_essentials();  // the last engine may have died between that end and its note about it
  return std::nullopt;
}

// What both ways of starting share: log, processes, servers. Servers come before the log is written to, so that a
// second instance of a running configuration is refused before it has touched anything.
std::optional<StartFailure> Engine::begin(const MakeFrontEnd& make_front_end, std::vector<config::Notice> notices) {
  const auto trouble = [this](const logs::SinkTrouble& what) { log_.report(what); };
  const auto stdio = [&](const char* deposit, const char* name) {
    Fd fd = is_daemon() ? Fd{} : link_.take(deposit);  // a daemon's are /dev/null: its starter's are not its own
    return logs::make_stdio_sink(loop_, fd ? std::move(fd) : dev_null(), name, trouble);
  };
  auto out = stdio("stdout", "/dev/stdout");
  auto err = stdio("stderr", "/dev/stderr");
  sinks_ = std::make_unique<logs::SinkRegistry>(out, err, trouble);
  const config::Daemon& daemon = config().daemon;
  if (!is_supervisord()) {
    log_.speak(program_name(daemon.face), err);
    log_is_open_ = true;
  } else if (daemon.no_daemon && !daemon.silent) {
    log_.set_echo(out, daemon.log_format);
  }
  auto tee = logs::TeePipe::make();
  if (!tee) return StartFailure{tee.error().text, 1};
  tee_.emplace(std::move(*tee));

  events_ = std::make_unique<EventBus>(loop_, log_, link_, [this] { return newest_daemon().identifier; });
  const auto auto_log = [this](const config::Process& process, Stdio channel) {
    return make_auto_log(process, channel);
  };
  supervisor_ = std::make_unique<Supervisor>(Surroundings{
      link_, link_, *events_, loop_, log_, *sinks_, *tee_, syslog_, setting_, mood_, auto_log, {}, {}, [this] {
        services_changed();
      }});
  const bool is_cold = snapshot_.welcome.stage != wire::Stage::Running;
  for (const LoadedGroup& group : loads_.active()) supervisor_->add(group, is_cold);
  group_changes_ = std::make_unique<GroupChanges>(loads_, *supervisor_, setting_, link_, log_, [this] {
    os::SystemWorld now;
    StartWorld world{now, origin_.directory};
    tidying_.ask();
    return reload_configuration(argv_, config().file, world);
  });
  verbs_ = std::make_unique<Verbs>(*supervisor_, *this);
  supervisor_->on_change([this](SupervisedProcess& process) {
    tidying_.note_change(supervisor_->size());
    if (process.config().essential) loop_.defer([this] { end_with_essentials(); });
    if (mood_ != core::Mood::Running) loop_.defer([this] { advance_stop(); });
  });
  if (is_supervisord()) supervisor_->on_exit([this](SupervisedProcess& process) { notice_background_child(process); });

  front_end_ = make_front_end(loop_, *verbs_, [this](LogLevel level, const std::string& text) { log(level, text); });
  if (auto opened = front_end_->open(config(), link_); !opened)
    return StartFailure{opened.error().text, 2, false, who_runs(config())};
  if (auto opened = is_supervisord() ? open_log(notices) : Result<void>{}; !opened) {
    front_end_->close(link_);
    return StartFailure{fmt::format("the log file cannot be written: {}", opened.error().text), 1, false,
                        logfile_hint(opened.error().code)};
  }
  if (auto listening = link_.listen(loop_, *supervisor_, *this); !listening)
    return StartFailure{listening.error().text, 1};
  return std::nullopt;
}

// A FastCGI socket that cannot be had is no reason to wait for the first request.
std::optional<StartFailure> Engine::test_sockets() {
  for (const SupervisedGroup& group : supervisor_->groups()) {
    const auto tested = group.socket ? group.socket->test() : Result<void>{};
    if (tested) continue;
    log(LogLevel::Critical, tested.error().text);
    front_end_->close(link_);
    return StartFailure{tested.error().text, 1};
  }
  return std::nullopt;
}

Result<void> Engine::open_log(const std::vector<config::Notice>& notices) {
  const config::Daemon& daemon = config().daemon;
  if (snapshot_.welcome.stage == wire::Stage::Running) {
    log_.resume(*sinks_, daemon.logfile, daemon.logfile_max_bytes, daemon.logfile_backups);
  } else {
    TRY(log_.open(*sinks_, daemon.logfile, daemon.logfile_max_bytes, daemon.logfile_backups));
  }
  log_is_open_ = true;
  log_.on_file(os::set_crash_log);
  for (const LogLevel level : {LogLevel::Critical, LogLevel::Warn, LogLevel::Info})
    for (const config::Notice& notice : notices)
      if (notice.level == level) log_.line(level, notice.text);
  for (const config::Notice& line : early_) log_.line(line.level, line.text);
  early_.clear();
  return {};
}

std::string Engine::make_auto_log(const config::Process& process, Stdio channel) {
  const char* name = channel == Stdio::Err ? "stderr" : "stdout";
  std::string file = process.name;
  std::replace(file.begin(), file.end(), '/', '-');  // a logger is "NAME/log"
  auto path = logs::make_auto_log(newest_daemon().child_log_dir, file, name, newest_daemon().identifier);
  if (path) return *path;
  log(LogLevel::Critical, fmt::format("no {} log for '{}': {}", name, process.name, path.error().text));
  return {};
}

// Also by an engine that finds another pid in it: the keeper's has changed.
// Nothing can be done about them here: whether to end or to keep them is for people to say.
void Engine::warn_of_those_left_behind() {
  if (!is_supervisord() || config().server_url.empty() || snapshot_.welcome.stage == wire::Stage::Restarted) return;
  const auto found = find_left_behind(config().server_url);
  if (found.empty()) return;
  log(LogLevel::Warn,
      fmt::format("processes of an earlier supervisord still run, and this one does not supervise them ({}): {}",
                  found.size(), describe(found)));
}

void Engine::write_own_pidfile() {
  if (!is_supervisord()) return;
  const std::string& path = config().daemon.pidfile;
  if (auto written = write_pidfile(path, keeper_pid_); !written) {
    log(LogLevel::Critical, "could not write pidfile " + path);
    log(LogLevel::Warn, fmt::format("the pid is {}; the reason: {}", keeper_pid_, written.error().text));
  } else if (snapshot_.welcome.stage != wire::Stage::Running) {
    log(LogLevel::Info, fmt::format("supervisord started with pid {}", keeper_pid_));
  }
}

// A daemon's engine leaves its terminal as its keeper does on READY.
void Engine::leave_terminal() {
  const config::Daemon& daemon = config().daemon;
  log(LogLevel::Blather, "supervisord forked; parent exiting");
  log(LogLevel::Info, "daemonizing the supervisord process");
  if (daemon.directory) {
    if (::chdir(daemon.directory->c_str()) == 0) {
      log(LogLevel::Info, "set current directory: " + python_repr(*daemon.directory));
    } else {
      log(LogLevel::Critical, fmt::format("can't chdir into {0}: [Errno {1}] {2}: {0}", python_repr(*daemon.directory),
                                          errno, ::strerrordesc_np(errno)));
    }
  }
  (void)::umask(daemon.umask);
  if (const Fd null{::open("/dev/null", O_RDWR | O_CLOEXEC)}; null)
    for (int target = 0; target < 3; ++target) (void)::dup2(null.get(), target);
  link_.discard("stdout");
  link_.discard("stderr");
}

void Engine::remember() {
  core::DaemonNote note;
  note.mood = mood_;
  note.exit_code = exit_code_;
  note.kill_at = kill_at_;
  link_.note(kDaemonSlot, core::encode(note));
}

void Engine::say_how_we_recovered(const std::vector<std::string>& strays) {
  const wire::Welcome& welcome = snapshot_.welcome;
  const auto running = std::count_if(snapshot_.slots.begin(), snapshot_.slots.end(),
                                     [](const auto& entry) { return entry.second.slot.pid != 0; });
  if (upgrade_.say_how_we_came(running)) {
    // nothing more to say
  } else if (welcome.engine_starts == 0) {
    log(LogLevel::Warn,
        fmt::format("the keeper was killed; this process took over as pid {}: {} processes went on running",
                    keeper_pid_, running));
  } else {
    log(LogLevel::Warn, fmt::format("the engine was started again (the last one: {}): {} processes went on running",
                                    welcome.last_end, running));
  }
  if (welcome.facts_only) {
    const std::string alarm = fmt::format("engines kept failing (the last one: {})", welcome.last_end);
    log(LogLevel::Critical, alarm + ": this one ignores what they noted and goes by what is running alone");
    alarm_.raise(alarm);
  }
  if (log_.wants(LogLevel::Debug))
    log(LogLevel::Info, fmt::format("copied log channels may repeat up to {} bytes", logs::kPeekBytes));
  for (const std::string& slot : strays) {
    const wire::Slot& stray = snapshot_.slots.at(slot).slot;
    log(LogLevel::Error, fmt::format("'{}' (pid {}) runs but is not configured: it is stopped", slot, stray.pid));
    if (stray.owed) {
      link_.release(slot, "");
    } else {
      link_.signal(slot, stray.serial, stray.will.signal, stray.will.to_group, std::nullopt);
    }
  }
}

}  // namespace upkeep::engine
