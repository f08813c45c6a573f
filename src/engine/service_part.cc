#include "engine/service_part.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <csignal>

#include "services/service_scripts.h"

namespace upkeep::engine {
namespace {

constexpr int kSupervisionFailed = 111;

std::string path_of(int directory) { return fmt::format("/proc/self/fd/{}", directory); }

std::string real_path_of(int directory) {
  std::string path(4096, '\0');
  const ssize_t size = ::readlink(path_of(directory).c_str(), path.data(), path.size());
  path.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return path;
}

Fd duplicate(int fd) { return Fd{::fcntl(fd, F_DUPFD_CLOEXEC, 3)}; }

config::Process named(config::Process process, std::string name) {
  process.name = std::move(name);
  return process;
}

}  // namespace

ServiceDirectory::Part::Part(Home home, Stdio stdio, Kind kind)
    : home_(std::move(home)), stdio_(stdio), kind_(kind), engine_(home_.around.supervisor.surroundings()) {
  const bool is_log_script = kind == Kind::LogScript;
  ServiceTraits traits{home_.slot + (is_log_script ? "#log" : ""), home_.around.source.dialect,
                       home_.around.source.shares_stdio,
                       !is_log_script && services::has_entry(home_.directory, "notification-fd")};
  service_ = std::make_unique<Service>(named(home_.around.source.process, home_.name + (is_log_script ? "/log" : "")),
                                       std::move(traits), *this, engine_);
  home_.around.supervisor.add_process(home_.around.group, service_->shared_process());
}

void ServiceDirectory::Part::resume(Snapshot& snapshot, core::Mood mood, bool down,
                                    const std::optional<wire::Status>& known) {
  Supervisor& supervisor = home_.around.supervisor;
  const auto record = kind_ == Kind::Main ? std::optional{known ? known->service : wire::StatusRecord{}}
                      : known             ? known->log
                                          : std::nullopt;
  service_->recall(supervisor.note_of(service_->slot(), snapshot), down, record ? static_cast<int>(record->pid) : 0);
  supervisor.resume(service_->process(), snapshot, mood);
  // CONT follows TERM in a message of its own, which may be missing; one more does no harm.
  const bool is_stopping = std::holds_alternative<core::Stopping>(service_->process().phase());
  if (is_stopping && !service_->wishes().paused) service_->process().signal_child(SIGCONT, false);
  const auto pid = static_cast<std::uint32_t>(service_->has_process() ? service_->process().pid() : 0);
  const auto entry = snapshot.slots.find(service_->slot());
  const bool has_ended = entry != snapshot.slots.end() && entry->second.slot.owed && pid == 0;
  if (has_ended) {
    service_->set_since(to_tai64n(entry->second.slot.ended_wall));
  } else if (known && record && record->pid == pid) {
    service_->set_since(record->since);
  }
  if (service_->wishes().hook != 0)
    supervisor.errands().resume(hook_slot(service_->wishes().hook_script), snapshot, [this](const ExitStatus& status) {
      service_->hook_ended(status == ExitStatus{ExitStatus::Kind::Exited, 0, false});
    });
  if (kind_ == Kind::Main)
    if (Fd ready = engine_.deposits.take(ready_deposit()); ready) await_notification(std::move(ready));
}

void ServiceDirectory::Part::remove() {
  end_notification();
  home_.around.supervisor.errands().forget(service_->slot() + "!");
  home_.around.supervisor.remove_process(home_.around.group, service_->process());
}

// --- plans

std::string ServiceDirectory::Part::script_name(core::Script script) const {
  return kind_ == Kind::LogScript ? "log" : std::string{core::name_of(script)};
}

wire::SpawnPlan ServiceDirectory::Part::plan(const std::string& file, std::vector<std::string> arguments) const {
  const config::ServiceSource& source = home_.around.source;
  Command command{"./" + file, {"./" + file}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  wire::SpawnPlan plan;
  if (source.shares_stdio) {  // as svscan and supervise: nothing of ours in the environment
    plan.file = std::move(command.file);
    plan.argv = wire::TextBlock{command.argv};
    for (const auto& [key, value] : engine_.setting.environment) plan.environment.add(key + "=" + value);
    plan.limits = engine_.setting.limits;
    plan.stdio = {wire::StdioSource::Own, wire::StdioSource::Own, wire::StdioSource::Own};
    plan.group = wire::ProcessGroup::Shared;
  } else {
    plan = make_spawn_plan(service_->process().config(), std::move(command), engine_.setting);
    plan.stdio[0] = wire::StdioSource::Null;
  }
  if (source.dialect == Dialect::Encore)
    plan.group =
        services::has_entry(home_.directory, "no-setsid") ? wire::ProcessGroup::Shared : wire::ProcessGroup::Session;
  plan.directory = real_path_of(home_.directory);
  plan.complaint =
      wire::Complaint{fmt::format("supervise: fatal: unable to start {}/{}", home_.shown(), file), kSupervisionFailed};
  return plan;
}

// Nobody reads what these write but whoever started the daemon.
wire::SpawnPlan ServiceDirectory::Part::errand(const std::string& file, std::vector<std::string> arguments) const {
  wire::SpawnPlan made = plan(file, std::move(arguments));
  made.stdio[1] = made.stdio[2] = wire::StdioSource::Own;
  return made;
}

ServiceRole::Start ServiceDirectory::Part::prepare(core::Script script) {
  std::vector<std::string> arguments;
  if (script == core::Script::Finish) {  // as runsv gives them
    const ExitStatus& end = service_->wishes().run_end;
    const bool is_killed = end.kind == ExitStatus::Kind::Signalled;
    arguments = {std::to_string(is_killed ? -1 : end.value), std::to_string(is_killed ? end.value : 0)};
  }
  ServiceRole::Start start{plan(script_name(script), std::move(arguments)), {}};
  const auto pass = [&start](std::size_t which, int fd) {
    if (fd < 0) return;
    start.plan.stdio[which] = wire::StdioSource::Passed;
    start.passed.push_back(duplicate(fd));
  };
  pass(0, stdio_.input);
  pass(1, stdio_.output);
  if (kind_ == Kind::Main && script == core::Script::Run) {
    if (const auto number = services::number_in(home_.directory, "notification-fd"); number && *number > 2) {
      if (Fd write = make_notification(); write) {
        start.plan.notification_fd = static_cast<std::int32_t>(*number);
        start.passed.push_back(std::move(write));
      }
    }
    service_->set_notified(start.plan.notification_fd.has_value());
  }
  return start;
}

core::ServiceScripts ServiceDirectory::Part::scripts() const {
  if (kind_ == Kind::Main) return services::find_scripts(home_.directory);
  return {.run = true, .start = false, .stop = false, .finish = false, .control = {}};
}

void ServiceDirectory::Part::settle_policy(core::Policy& policy) {
  const auto kill_ms = services::number_in(home_.directory, "timeout-kill");
  policy.stop_wait = kill_ms && *kill_ms > 0 && *kill_ms < 1'000'000'000 ? Duration{std::chrono::milliseconds{*kill_ms}}
                                                                         : Duration::max();
}

// --- what runs beside them

void ServiceDirectory::Part::run_hook(char letter) {
  home_.around.supervisor.errands().run(
      hook_slot(letter), errand(std::string{"control/"} + letter, {}), [this](const ExitStatus& status) {
        service_->hook_ended(status == ExitStatus{ExitStatus::Kind::Exited, 0, false});
      });
}

void ServiceDirectory::Part::script_ended(core::Script script, int pid, const ExitStatus& status) {
  end_notification();
  const bool is_killed = status.kind == ExitStatus::Kind::Signalled;
  notify(script, is_killed ? "killed" : "exit", pid, status.value);
}

// Not waited for, as in daemontools-encore: SCRIPT EVENT PID CODE.
void ServiceDirectory::Part::notify(core::Script script, std::string_view event, int pid, int code) {
  if (!services::has_executable(home_.directory, "notify")) return;
  const std::string slot =
      fmt::format("{}!notify-{}-{}-{}", service_->slot(), pid, event, engine_.loop.now().time_since_epoch().count());
  home_.around.supervisor.errands().run(
      slot, errand("notify", {script_name(script), std::string{event}, std::to_string(pid), std::to_string(code)}), {});
}

// --- readiness

Fd ServiceDirectory::Part::make_notification() {
  auto pipe = Pipe::make();
  if (!pipe || !set_nonblocking(pipe->read.get())) return Fd{};
  engine_.deposits.deposit(ready_deposit(), pipe->read);
  await_notification(std::move(pipe->read));
  return std::move(pipe->write);
}

void ServiceDirectory::Part::await_notification(Fd read) {
  ready_watch_.reset();
  ready_ = std::move(read);
  // The line stays in the pipe: if we die before it is noted, the next engine sees it, too.
  auto watch = engine_.loop.watch(ready_.get(), EPOLLIN, [this](std::uint32_t events) {
    const auto said = engine_.tee.peek(ready_.get());
    if (!said) return end_notification();
    const bool is_ready = said->find('\n') != std::string_view::npos, is_over = said->empty() && (events & EPOLLHUP);
    if (!is_ready && !is_over) return engine_.tee.consume(ready_.get(), said->size());
    if (is_ready) service_->said_ready();
    end_notification();
  });
  if (watch) ready_watch_ = std::move(*watch);
}

void ServiceDirectory::Part::end_notification() {
  if (!ready_) return;
  ready_watch_.reset();
  ready_.reset();
  engine_.deposits.discard(ready_deposit());
}

}  // namespace upkeep::engine
