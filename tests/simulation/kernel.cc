#include "simulation/kernel.h"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace upkeep::simulation {
namespace {

using namespace std::chrono_literals;

constexpr int kPlentyOfPids = 90;

std::uint64_t inode_of(const Fd& fd) {
  struct stat status {};
  return ::fstat(fd.get(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

std::variant<int, std::errc> Kernel::fork(SimProcess born, Fd& pidfd) {
  if (static_cast<int>(live_.size() + dead_.size()) >= std::min(processes_max, pids))
    return std::errc::resource_unavailable_try_again;
  if (pids < kPlentyOfPids) next_pid_ = kFirstPid;  // then each comes back as soon as it can
  while (live_.contains(next_pid_) || dead_.contains(next_pid_))
    next_pid_ = next_pid_ + 1 < kFirstPid + pids ? next_pid_ + 1 : kFirstPid;
  const int pid = next_pid_;
  next_pid_ = pid + 1 < kFirstPid + pids ? pid + 1 : kFirstPid;
  auto life = Pipe::make();
  if (!life) std::abort();  // the test itself is out of descriptors
  pidfd = std::move(life->read);
  born.life = std::move(life->write);
  by_life_[inode_of(born.life)] = pid;
  live_[pid] = std::move(born);
  return pid;
}

void Kernel::open_gate(int pid, Instant now) {
  const auto found = live_.find(pid);
  if (found == live_.end() || !found->second.is_gated) return;
  found->second.is_gated = false;
  choose_fate(found->second, now);
}

void Kernel::choose_fate(SimProcess& process, Instant now) {
  if (process.status.kind == ExitStatus::Kind::Signalled) return;  // it is about to die already
  if (process.is_script) {
    process.dies_at = now + random_.up_to(mortal ? 2s : 200ms);
    process.status = {ExitStatus::Kind::Exited, mortal && random_.one_in(6) ? 1 : 0, false};
    return;
  }
  if (process.out) process.speaks_at = now + random_.up_to(500ms);
  if (!mortal) return;
  process.temper = random_.pick<Temper>({Temper::Meek, Temper::Meek, Temper::Slow, Temper::Deaf});
  const int fate = random_.below(10);
  if (fate < 3) choose_end(process, now + random_.up_to(1500ms));  // around startsecs
  if (fate == 3 || fate == 4) choose_end(process, now + random_.up_to(30s));
  if (fate == 5) choose_end(process, now);  // before anybody hears that it was born
}

void Kernel::choose_end(SimProcess& process, Instant when) {
  process.dies_at = when;
  process.status = random_.one_in(4) ? ExitStatus{ExitStatus::Kind::Signalled, SIGSEGV, true}
                                     : ExitStatus{ExitStatus::Kind::Exited, random_.below(3), false};
}

int Kernel::signal(int pid, int number, Instant now) {
  const auto found = live_.find(pid);
  if (found != live_.end()) return hit(found->second, number, now);
  return dead_.contains(pid) ? 0 : ESRCH;
}

int Kernel::signal(const Fd& pidfd, int number, Instant now) {
  const auto found = by_life_.find(inode_of(pidfd));
  if (found == by_life_.end()) return ESRCH;
  return signal(found->second, number, now);
}

int Kernel::hit(SimProcess& process, int number, Instant now) {
  if (process.untouchable) return EPERM;
  if (number == SIGSTOP) process.is_paused = true;
  if (number == SIGCONT || number == SIGKILL) process.is_paused = false;
  if (number == SIGCONT && process.pending != 0) return hit(process, std::exchange(process.pending, 0), now);
  const bool asks = number == SIGTERM || number == SIGINT || number == SIGQUIT;
  const bool deadly = number == SIGKILL || (asks && process.temper != Temper::Deaf);
  if (asks && !deadly) process.ignored = number;
  if (!deadly) return 0;
  if (process.is_paused) {
    process.pending = number;
    return 0;
  }
  process.is_condemned = true;
  const bool slowly = process.temper == Temper::Slow && number != SIGKILL;
  const Duration delay = random_.up_to(number == SIGKILL ? Duration{20ms} : slowly ? Duration{8s} : Duration{1s});
  if (process.dies_at && *process.dies_at <= now + delay) return 0;
  process.dies_at = now + delay;
  process.status = {ExitStatus::Kind::Signalled, number, false};
  return 0;
}

const SimProcess* Kernel::find(int pid) const {
  const auto found = live_.find(pid);
  return found == live_.end() ? nullptr : &found->second;
}

SimProcess Kernel::die(int pid, bool is_reaped_by_init) {
  SimProcess gone = std::move(live_.at(pid));
  live_.erase(pid);
  by_life_.erase(inode_of(gone.life));
  gone.life.reset();
  gone.in.reset();
  gone.out.reset();
  if (!is_reaped_by_init) dead_[pid].slot = gone.slot;
  return gone;
}

void Kernel::reap_orphans() { dead_.clear(); }

void Kernel::make_immortal(Instant now) {
  mortal = false;
  for (auto& [pid, process] : live_) {
    process.untouchable = process.is_paused = false;
    process.temper = process.temper == Temper::Deaf ? Temper::Slow : process.temper;
    for (const int missed : {std::exchange(process.ignored, 0), std::exchange(process.pending, 0)})
      if (missed != 0) (void)hit(process, missed, now);
    if (!process.is_condemned && !process.is_gated && !process.is_script) process.dies_at.reset();
  }
}

const SimProcess* Kernel::in_slot(const std::string& slot) const {
  for (const auto& [pid, process] : live_)
    if (process.slot == slot && !process.let_go) return &process;
  return nullptr;
}

bool Kernel::has_ended(const Fd& pidfd) {
  pollfd end{pidfd.get(), POLLIN, 0};
  return ::poll(&end, 1, 0) == 1;
}

}  // namespace upkeep::simulation
