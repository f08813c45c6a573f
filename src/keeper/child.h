// Between fork and exec. Everything is prepared before the fork; the child only walks it with async-signal-safe calls.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "keeper/oom_score.h"
#include "wire/spawn_plan.h"

namespace upkeep::keeper {

// Where a child that never reached its program says why: memory shared with the keeper, one cell per pid modulo the
// number of cells. A collision only costs the explanation. (A pipe per child would cost a descriptor per program.)
class ChildReports {
 public:
  // `memory`: of the image that we were before; empty: new. Without any, explanations are simply missing.
  explicit ChildReports(Fd memory = Fd{});
  ChildReports(ChildReports&& other) noexcept;
  ChildReports& operator=(ChildReports other) noexcept;
  ~ChildReports();
  int memory() const { return memory_.get(); }  // a memfd; -1: none
  struct Report {
    wire::SpawnStage stage = wire::SpawnStage::None;
    std::int32_t error = 0;
  };
  Report take(std::int32_t pid);                                           // the keeper, at reaping
  void put(std::int32_t pid, wire::SpawnStage stage, std::int32_t error);  // the child

 private:
  struct Cell {
    std::int32_t pid, stage, error;
  };
  static constexpr std::size_t kCells = 1024;
  Fd memory_;
  Cell* cells_ = nullptr;
};

// A plan with the pointer arrays that exec wants and the child's own ends of its stdio.
class PreparedChild {
 public:
  // The child reaches its program once a byte has come through the gate, and never when the keeper is gone before that:
  // an engine that takes over must have heard of every program that runs. All descriptors are borrowed.
  PreparedChild(wire::SpawnPlan plan, std::array<int, 3> stdio, int notification, const Pipe& gate);
  PreparedChild(const PreparedChild&) = delete;
  // Never returns. Failing steps are reported and told on fd 2 in the plan's words or Supervisor's, then it exits.
  [[noreturn]] void run(ChildReports& reports, const OomScore& oom_score);

 private:
  // True: done.
  bool join_group() const;
  bool place_descriptors();
  void wait_at_the_gate() const;
  [[noreturn]] void give_up(ChildReports& reports, wire::SpawnStage stage) const;  // errno says why

  wire::SpawnPlan plan_;
  std::array<int, 3> stdio_;
  std::vector<char*> argv_, environment_;
  int notification_;  // for plan_.notification_fd
  int gate_read_, gate_write_;
};

// Default dispositions and an empty mask, as a program expects them.
void reset_signals();

}  // namespace upkeep::keeper
