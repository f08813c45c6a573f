// What the kernel would know: processes with pids that are used again, those that died and are not reaped yet, limits,
// two clocks. Processes live as chance has it, and die of signals sooner, later or, but for SIGKILL, never. Pipes are
// real ones; so is what stands for a pidfd, a pipe that ends with the process.
#pragma once

#include <csignal>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "base/exit_status.h"
#include "base/fd.h"
#include "simulation/random.h"

namespace upkeep::simulation {

// How a program takes a signal that asks it to end.
enum class Temper { Meek, Slow, Deaf };

struct SimProcess {
  std::string slot;
  std::uint64_t serial = 0;
  int parent = 0;            // which keeper: a later one cannot learn its status
  bool untouchable = false;  // signals fail with EPERM
  bool is_script = false;    // ends by itself, and soon
  Temper temper = Temper::Meek;
  bool is_gated = true;              // forked, but nothing of its program has run yet
  bool let_go = false;               // the keeper was told to forget it
  bool is_paused = false;            // by SIGSTOP
  int pending = 0;                   // a deadly signal that waits for SIGCONT
  bool is_condemned = false;         // by a signal that it did not ignore
  int ignored = 0;                   // the last signal that asked it to end, and did not
  std::optional<Instant> dies_at{};  // none: when it is told to
  ExitStatus status{};               // as of then
  std::optional<Instant> speaks_at{};
  std::uint64_t lines = 0;  // that it has written
  Fd in{}, out{};           // its ends of standard input and output
  Fd life{};                // closed by its death; the other end stands for its pidfd
};

class Kernel {
 public:
  static constexpr int kFirstPid = 100;

  explicit Kernel(Random& random) : random_(random) {}

  // --- limits and clocks, as fate has them
  bool mortal = true;      // while false, whatever starts stays up
  int processes_max = 80;  // living and not reaped: more cannot be forked
  int pids = 90;           // so many are there: a pid comes back soon
  WallTime wall(Instant now) const { return WallTime{now.time_since_epoch()} + wall_offset; }
  Duration wall_offset{0};

  // The pid, or why not (EAGAIN).
  std::variant<int, std::errc> fork(SimProcess born, Fd& pidfd);
  void open_gate(int pid, Instant now);  // its program begins
  // 0 or errno. A process that died and is not reaped takes every signal and does nothing.
  int signal(int pid, int number, Instant now);
  // By its pidfd: the number may mean somebody else by now.
  int signal(const Fd& pidfd, int number, Instant now);
  // Who a pid means now; null: nobody, or nobody that lives.
  const SimProcess* find(int pid) const;

  // A process dies; what it leaves must be reaped by its parent, or else by init, at once.
  SimProcess die(int pid, bool is_reaped_by_init);
  void reap(int pid) { dead_.erase(pid); }
  void reap_orphans();  // the parent of all has died

  // Who has not been signalled stays up from now on; who has ignored it does so no longer.
  void make_immortal(Instant now);
  std::map<int, SimProcess>& live() { return live_; }
  const std::map<int, SimProcess>& live() const { return live_; }
  std::size_t dead() const { return dead_.size(); }
  // Who runs for a slot, those that were let go aside.
  const SimProcess* in_slot(const std::string& slot) const;

  static bool has_ended(const Fd& pidfd);

 private:
  void choose_fate(SimProcess& process, Instant now);
  void choose_end(SimProcess& process, Instant when);
  int hit(SimProcess& process, int number, Instant now);

  Random& random_;
  std::map<int, SimProcess> live_, dead_;  // by pid
  std::map<std::uint64_t, int> by_life_;   // inode of the pipe that stands for a life
  int next_pid_ = kFirstPid;
};

}  // namespace upkeep::simulation
