// The part of the keeper that reaps and signals.
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "keeper/keeper.h"

namespace upkeep::keeper {
namespace {

constexpr std::size_t kOrphansWaitingMax = 64;  // messages that wait; beyond, ends of strangers are not told

}  // namespace

void Keeper::read_signals() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGCHLD) continue;
    table_.signalled(static_cast<std::int32_t>(info.ssi_signo));
    if (!table_.asked_to_stop()) continue;
    watch_.stop_asked();
    manager_.stopping();
  }
  reap();
}

void Keeper::reap() {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG) != 0 || info.si_pid == 0) return;
    const bool is_engine = info.si_pid == engine_.pid();
    if (info.si_code == CLD_STOPPED || info.si_code == CLD_TRAPPED) {
      if (is_engine) watch_.stopped(now_);
      continue;
    }
    if (info.si_code == CLD_CONTINUED) {
      if (is_engine) watch_.continued();
      continue;
    }
    const ExitStatus status = info.si_code == CLD_EXITED
                                  ? ExitStatus{ExitStatus::Kind::Exited, info.si_status, false}
                                  : ExitStatus{ExitStatus::Kind::Signalled, info.si_status, info.si_code == CLD_DUMPED};
    if (is_engine) {
      engine_ended(status);
    } else if (!check_ended(info.si_pid, status)) {
      child_ended(info.si_pid, status);
    }
  }
}

void Keeper::child_ended(std::int32_t pid, const ExitStatus& status) {
  const std::string* slot = table_.exited(pid, status, now_, wall_now());
  const ChildReports::Report report = reports_.take(pid);
  if (!slot) {  // only a line in a log: an engine that does not read must not make us grow
    if (attached_ && outbox_.size() < kOrphansWaitingMax) outbox_.put(wire::Orphan{pid, status});
    return;
  }
  OwedExit& owed = *table_.slots().at(*slot).owed;
  owed.failed_stage = report.stage;
  owed.failed_errno = report.error;
  tell_end(*slot);
}

void Keeper::tell_end(const std::string& slot) {
  if (!attached_) return;
  table_.told(slot);
  const SlotEntry& entry = table_.slots().at(slot);
  const OwedExit& owed = *entry.owed;
  outbox_.put(
      wire::Exited{slot, entry.serial, owed.status, owed.failed_stage, owed.failed_errno, owed.ended, owed.ended_wall});
}

void Keeper::adopted_ended(const std::string& slot) {
  if (const auto found = adopted_.find(slot); found != adopted_.end()) {
    unwatch_fd(found->second.get());
    adopted_.erase(found);
  }
  std::erase_if(adopted_keys_, [&](const auto& entry) { return entry.second == slot; });
  table_.ended(slot, ExitStatus{}, now_, wall_now());
  tell_end(slot);
}

void Keeper::poll_adopted_blindly() {
  for (const std::string& slot : std::set<std::string>{adopted_blindly_}) {
    if (::kill(table_.slots().at(slot).process->pid, 0) == 0 || errno != ESRCH) continue;
    adopted_blindly_.erase(slot);
    adopted_ended(slot);
  }
}

void Keeper::send_signal(const std::string& slot, const Process& process, int number, bool to_group,
                         std::uint64_t serial) {
  int result = 0;
  if (process.adopted && !adopted_blindly_.contains(slot)) {  // by pidfd: its number may be another's by now
    const int through = to_group ? 0 : number;                // to a group only when its leader is still there
    result = static_cast<int>(::syscall(SYS_pidfd_send_signal, adopted_.at(slot).get(), through, nullptr, 0));
    if (result == 0 && to_group) result = ::kill(-process.pid, number);
  } else {
    result = ::kill(to_group ? -process.pid : process.pid, number);  // unreaped, so the number is still its own
  }
  if (result != 0 && attached_) outbox_.put(wire::SignalFailed{slot, serial, number, errno});
}

// No engine can run and somebody wants us to stop: end every process as its last will says, then ourselves.
void Keeper::perform_last_wills() {
  if (!table_.has_processes()) {
    ended_ = true;
    return;
  }
  const bool first = *wills_since_ == now_;
  for (const auto& [name, slot] : table_.slots()) {
    if (!slot.process) continue;
    if (first) send_signal(name, *slot.process, slot.will.signal, slot.will.to_group, slot.serial);
    if (now_ - *wills_since_ >= std::chrono::milliseconds{slot.will.grace_ms})
      send_signal(name, *slot.process, SIGKILL, slot.will.kill_group, slot.serial);
  }
}

}  // namespace upkeep::keeper
