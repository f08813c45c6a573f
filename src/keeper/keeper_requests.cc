// What an engine may ask of the keeper. Every request is refused with a reason or done; none is half done.
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>

#include "keeper/keeper.h"

namespace upkeep::keeper {
namespace {

constexpr std::size_t kPlanBytesMax = 8 << 20;
const std::set<std::string> kLastingDeposits{"stdout", "stderr", "origin"};  // which a restart does not end

Result<std::string> read_plan(int memfd) {
  std::string bytes;
  struct stat status {};
  if (::fstat(memfd, &status) != 0 || status.st_size > static_cast<off_t>(kPlanBytesMax))
    return Error{"unusable spawn plan"};
  bytes.resize(static_cast<std::size_t>(status.st_size));
  if (::pread(memfd, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return Error{"unusable spawn plan"};
  return bytes;
}

Result<void> become(const wire::Ids& ids) {
  if (::geteuid() == ids.uid) return {};
  if (::setgroups(ids.groups.size(), ids.groups.data()) != 0 || ::setgid(ids.gid) != 0 || ::setuid(ids.uid) != 0)
    return Error::from_errno("switch user");
  return {};
}

}  // namespace

Result<void> Keeper::perform(const wire::FromEngine& message, Datagram& datagram) {
  if (!attached_ && !std::holds_alternative<wire::Hello>(message)) return Error{"HELLO must come first"};
  return std::visit(
      [&](const auto& m) -> Result<void> {
        using M = std::decay_t<decltype(m)>;
        if constexpr (std::is_same_v<M, wire::Spawn> || std::is_same_v<M, wire::Upgrade>) {
          return on(m, datagram.fds);
        } else if constexpr (std::is_same_v<M, wire::Note>) {
          return table_.note(m.slot, m.note);
        } else if constexpr (std::is_same_v<M, wire::Deposit>) {
          if (datagram.fds.size() != 1) return Error{"DEPOSIT needs one descriptor"};
          deposits_[m.name] = std::move(datagram.fds.front());
          return {};
        } else if constexpr (std::is_same_v<M, wire::Discard>) {
          deposits_.erase(m.name);
          return {};
        } else if constexpr (std::is_same_v<M, wire::Ack>) {
          table_.acknowledge(m.sequence);
          watch_.answered();
          return {};
        } else if constexpr (std::is_same_v<M, wire::Quit>) {
          end_.exit_status = m.code;
          quitting_ = true;
          manager_.stopping();
          watch_.end_by(now_ + kLeavePatience);
          return {};
        } else {
          return on(m);
        }
      },
      message);
}

Result<void> Keeper::on(const wire::Hello& hello) {
  if (attached_) return Error{"HELLO came twice"};
  const auto version = std::min(hello.version_max, wire::kKeeperVersionMax);
  if (version < std::max(hello.version_min, wire::kKeeperVersionMin)) return Error{"no common version"};
  attached_ = true;
  wire::Welcome welcome;
  welcome.version = version;
  welcome.stage = stage_;
  welcome.keeper_pid = static_cast<std::uint32_t>(::getpid());
  welcome.engine_starts = is_heir_ ? 0 : watch_.starts() - 1;
  welcome.facts_only = watch_.facts_only();
  welcome.last_end = watch_.last_end();
  welcome.upgrade = last_upgrade_;
  welcome.upgrade_is_news = upgrade_is_news_;
  // The shutdown that the engines before had begun is in a note that this one does not read.
  if (welcome.facts_only && watch_.is_stop_asked()) table_.signalled(SIGTERM);
  outbox_.put(welcome);
  send_snapshot();
  return {};
}

Result<void> Keeper::on(const wire::Setup& setup) {
  if (stage_ == wire::Stage::Running) return Error{"SETUP is for a cold start"};
  if (setup.detach) {  // the daemon starts with what was deposited; ids and limits come from its own engine's SETUP
    end_.detach = true;
    end_.deposits = std::move(deposits_);
    return {};
  }
  if (setup.ids && setup.ids->uid != ::geteuid()) oom_score_.give_back();  // children without rights could not
  if (setup.ids) TRY(become(*setup.ids));
  for (const wire::Limit& limit : setup.limits) {
    rlimit before{};
    if (limit.resource == RLIMIT_NOFILE && ::getrlimit(RLIMIT_NOFILE, &before) == 0) files_limit_ = before.rlim_cur;
    const rlimit value{limit.soft, limit.hard};
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &value) != 0)
      return Error::from_errno("set a limit");
  }
  return {};
}

Result<void> Keeper::on(const wire::Ready& ready) {
  stage_ = wire::Stage::Running;
  ready_ = true;
  is_heir_ = false;
  watch_.ready();
  manager_.ready();
  upgrade_is_news_ = false;
  if (probation_) probation_->ready();
  if (!starter_) return {};
  if (ready.directory) (void)!::chdir(ready.directory->c_str());  // if not, the engine has logged why
  if (ready.umask) (void)::umask(*ready.umask);
  if (const Fd null{::open("/dev/null", O_RDWR | O_CLOEXEC)}; null)
    for (int target = 0; target < 3; ++target) (void)::dup2(null.get(), target);
  const char success = 0;
  (void)!::write(starter_.get(), &success, 1);  // a starter that is gone does not matter
  starter_.reset();
  return {};
}

Result<Keeper::Stdios> Keeper::make_stdios(const wire::SpawnPlan& plan, std::vector<Fd>& passed) {
  Stdios stdios;
  auto next_passed = passed.begin();
  for (std::size_t i = 0; i < plan.stdio.size(); ++i) {
    switch (plan.stdio[i]) {
      case wire::StdioSource::Pipe: {
        Pipe pipe = TRY(Pipe::make());
        Fd& ours = i == 0 ? pipe.write : pipe.read;
        TRY(set_nonblocking(ours.get()));
        Channel channel;
        channel.which = static_cast<Stdio>(i);
        channel.pipe = std::move(ours);
        stdios.child[i] = std::move(i == 0 ? pipe.read : pipe.write);
        stdios.channels.push_back(std::move(channel));
        break;
      }
      case wire::StdioSource::Passed:
        if (next_passed == passed.end()) return Error{"SPAWN lacks a descriptor"};
        stdios.child[i] = std::move(*next_passed++);
        break;
      case wire::StdioSource::Out: stdios.child[i] = TRY(stdios.child[1].duplicate()); break;
      case wire::StdioSource::Null:
        stdios.child[i] = Fd{::open("/dev/null", O_RDWR | O_CLOEXEC)};
        if (!stdios.child[i]) return Error::from_errno("open /dev/null");
        break;
      case wire::StdioSource::Own:
        stdios.child[i] = Fd{::fcntl(static_cast<int>(i), F_DUPFD_CLOEXEC, 3)};
        if (!stdios.child[i]) return Error::from_errno("duplicate a descriptor of the keeper");
        break;
    }
  }
  if (plan.notification_fd) {
    if (next_passed == passed.end()) return Error{"SPAWN lacks a descriptor"};
    stdios.notification = std::move(*next_passed);
  }
  return stdios;
}

Result<void> Keeper::on(const wire::Spawn& spawn, std::vector<Fd>& fds) {
  if (spawn.plan.empty() && fds.empty()) return Error{"SPAWN lacks its plan"};
  const std::string passed = spawn.plan.empty() ? TRY(read_plan(fds.back().get())) : std::string{};
  wire::SpawnPlan plan = TRY(wire::decode_spawn_plan(spawn.plan.empty() ? passed : spawn.plan));
  TRY(table_.begin_spawn(spawn));

  const auto fail = [&](wire::SpawnStage stage, int error) -> Result<void> {
    table_.cancel_spawn(spawn.slot);
    outbox_.put(wire::SpawnFailed{spawn.slot, spawn.serial, stage, error});
    return {};
  };
  auto stdios = make_stdios(plan, fds);
  if (!stdios) return fail(wire::SpawnStage::Pipes, stdios.error().code);
  auto gate = Pipe::make();
  if (!gate) return fail(wire::SpawnStage::Pipes, gate.error().code);

  const bool own_group = plan.group == wire::ProcessGroup::Own;
  PreparedChild child{std::move(plan),
                      {stdios->child[0].get(), stdios->child[1].get(), stdios->child[2].get()},
                      stdios->notification.get(),
                      *gate};
  const pid_t pid = ::fork();
  if (pid < 0) return fail(wire::SpawnStage::Fork, errno);
  if (pid == 0) child.run(reports_, oom_score_);
  // The child does it, too; whichever comes first, a signal to the group that follows at once finds it.
  if (own_group) (void)::setpgid(pid, pid);

  const Process process{pid, monotonic_now(), wall_now(), false};
  table_.started(spawn.slot, process);
  drop_channels(spawn.slot);
  channels_[spawn.slot] = std::move(stdios->channels);
  wire::Spawned spawned{spawn.slot, spawn.serial, pid, false, process.started, process.started_wall, {}};
  std::vector<int> ride;
  std::vector<Fd> owned;
  if (Fd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))}; pidfd) {
    spawned.has_pidfd = true;
    ride.push_back(owned.emplace_back(std::move(pidfd)).get());
  }
  gates_.push_back(std::move(gate->write));
  spawned.channels = lend(spawn.slot, ride);
  outbox_.put(spawned, std::move(ride), std::move(owned));
  return {};
}

Result<void> Keeper::on(const wire::Signal& signal) {
  if (signal.note) TRY(table_.note(signal.slot, *signal.note));
  // One that is gone has just ended: its exit is owed, and whoever deals with it goes by this note, as if it had been
  // signalled in time.
  if (const auto process = table_.find(signal.slot, signal.serial))
    send_signal(signal.slot, **process, signal.number, signal.to_group, signal.serial);
  return {};
}

Result<void> Keeper::on(const wire::Release& release) {
  TRY(table_.release(release.slot, release.note));
  watch_.answered();
  drop_channels(release.slot);
  return {};
}

// A process that lives now is one that we may not signal: it survives a restart as it would survive our end.
Result<void> Keeper::on(const wire::Restart&) {
  for (auto& [slot, channels] : channels_)
    for (Channel& channel : channels) unwatch(channel);
  channels_.clear();
  for (const auto& [slot, pidfd] : adopted_) unwatch_fd(pidfd.get());
  adopted_.clear();
  adopted_keys_.clear();
  adopted_blindly_.clear();
  table_.forget_slots();
  std::erase_if(deposits_, [](const auto& deposit) { return !kLastingDeposits.contains(deposit.first); });
  rlimit files{};
  if (files_limit_ && ::getrlimit(RLIMIT_NOFILE, &files) == 0) {  // the next engine reads what programs shall inherit
    files.rlim_cur = *files_limit_;
    (void)::setrlimit(RLIMIT_NOFILE, &files);
  }
  stage_ = wire::Stage::Restarted;
  watch_.end_by(now_ + kLeavePatience);
  restarting_ = true;
  return {};
}

}  // namespace upkeep::keeper
