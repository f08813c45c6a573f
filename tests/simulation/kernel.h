// The processes of the simulation: what the kernel would know of them. They live as chance has it, and die of signals
// sooner, later or, but for SIGKILL, never.
#pragma once

#include <csignal>
#include <map>
#include <optional>
#include <string>

#include "base/exit_status.h"
#include "simulation/random.h"

namespace upkeep::simulation {

struct SimProcess {
  std::string slot;
  std::uint64_t serial = 0;
  std::optional<Instant> dies_at;  // none: when it is told to
  ExitStatus status;               // as of then
  bool untouchable = false;        // signals fail with EPERM
  bool let_go = false;             // the keeper was told to forget it
  int parent = 0;                  // which keeper: a later one cannot learn its status
};

class Kernel {
 public:
  explicit Kernel(Random& random) : random_(random) {}

  // While false, whatever starts stays up.
  bool mortal = true;

  int fork(const std::string& slot, std::uint64_t serial, int parent, bool untouchable, Instant now) {
    const int pid = next_pid_++;
    SimProcess& born = live_[pid];
    born = {slot, serial, {}, {}, untouchable, false, parent};
    if (!mortal) return pid;
    const int fate = random_.below(10);
    if (fate < 3) die(born, now + random_.up_to(std::chrono::milliseconds{1500}));  // around startsecs
    if (fate == 3 || fate == 4) die(born, now + random_.up_to(std::chrono::seconds{30}));
    if (fate == 5) die(born, now);  // before anybody hears that it was born
    return pid;
  }
  // 0 or errno.
  int signal(int pid, int number, Instant now) {
    const auto found = live_.find(pid);
    if (found == live_.end()) return ESRCH;
    SimProcess& process = found->second;
    if (process.untouchable) return EPERM;
    const bool deadly = number == SIGKILL || (number == SIGTERM && !random_.one_in(4));
    if (!deadly) return 0;
    const Duration delay = number == SIGKILL ? random_.up_to(std::chrono::milliseconds{20})
                                             : random_.up_to(std::chrono::seconds{random_.one_in(4) ? 8 : 1});
    if (process.dies_at && *process.dies_at <= now + delay) return 0;
    process.dies_at = now + delay;
    process.status = {ExitStatus::Kind::Signalled, number, false};
    return 0;
  }
  void make_immortal() {  // who has not been signalled stays up from now on
    mortal = false;
    for (auto& [pid, process] : live_) {
      process.untouchable = false;
      if (process.status.kind != ExitStatus::Kind::Signalled) process.dies_at.reset();
    }
  }

  std::map<int, SimProcess>& live() { return live_; }
  const SimProcess* in_slot(const std::string& slot) const {  // let-go ones aside
    for (const auto& [pid, process] : live_)
      if (process.slot == slot && !process.let_go) return &process;
    return nullptr;
  }

 private:
  void die(SimProcess& process, Instant when) {
    process.dies_at = when;
    process.status = random_.one_in(4) ? ExitStatus{ExitStatus::Kind::Signalled, SIGSEGV, true}
                                       : ExitStatus{ExitStatus::Kind::Exited, random_.below(3), false};
  }

  Random& random_;
  std::map<int, SimProcess> live_;  // by pid
  int next_pid_ = 1000;
};

}  // namespace upkeep::simulation
