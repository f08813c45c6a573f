// The keeper of the simulation: the real table and engine watch, its system calls done by the simulated kernel. What it
// does with them follows keeper/keeper.cc.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "keeper/engine_watch.h"
#include "keeper/table.h"
#include "simulation/defects.h"
#include "simulation/kernel.h"
#include "wire/handover.h"

namespace upkeep::simulation {

// Who wants to know what the keeper does.
class Witness {
 public:
  virtual ~Witness() = default;
  virtual void sent(const wire::FromKeeper& message, std::uint64_t sequence, int fd) = 0;  // to the engine; -1: no fd
  virtual void forked(const std::string& slot, std::uint64_t serial) = 0;
  virtual void signalled(const SimProcess& process, int number) = 0;
  virtual void released(const std::string& slot, std::uint64_t serial, const std::string& note) = 0;
  virtual void noted(const std::string& slot, const std::string& note) = 0;
  virtual void deposited(const std::string& name, int fd) = 0;
  virtual void restarted() = 0;
};

class Keeper {
 public:
  // `number` tells keepers that follow each other apart.
  Keeper(int number, Kernel& kernel, Random& random, Witness& witness, Defect defect)
      : number_(number), kernel_(kernel), random_(random), witness_(witness), defect_(defect) {}
  void take_over(const std::vector<wire::HandoverItem>& items);

  void perform(const wire::Framed<wire::FromEngine>& framed, const std::shared_ptr<Fd>& fd, Instant now);
  void signalled(int number);  // by somebody outside
  void died(int pid, const ExitStatus& status, Instant now);
  // An adopted process may have died while nobody watched.
  void find_lost(Instant now);

  void begin_engine(Instant now);  // sends the snapshot
  void end_engine(const ExitStatus& status, Instant now);
  void tell_signals();
  // After the last turn of time: what runs without an engine. True when all wills are performed: the keeper ends.
  bool perform_last_wills(Instant now);
  bool performs_last_wills() const { return wills_since_.has_value(); }

  keeper::Table& table() { return table_; }
  keeper::EngineWatch& watch() { return watch_; }
  bool quits() const { return quits_; }
  bool restarts() const { return restarts_; }
  bool is_running() const { return stage_ == wire::Stage::Running; }  // READY was seen

  // Of the next spawns, the chance to fail: one in this many; 0: none.
  int failing_spawns = 0;
  std::string untouchable_slot;  // its processes cannot be signalled

 private:
  Result<void> perform(const wire::FromEngine& message, const std::shared_ptr<Fd>& fd, Instant now);
  void spawn(const wire::Spawn& spawn, Instant now);
  void send_signal(const std::string& slot, std::uint64_t serial, int pid, int number, Instant now);
  void send(const wire::FromKeeper& message, int fd = -1) { witness_.sent(message, next_sequence_++, fd); }

  const int number_;
  Kernel& kernel_;
  Random& random_;
  Witness& witness_;
  const Defect defect_;
  keeper::Table table_;
  keeper::EngineWatch watch_;
  wire::Stage stage_ = wire::Stage::Fresh;
  bool attached_ = false, quits_ = false, restarts_ = false, is_heir_ = false;
  std::uint64_t next_sequence_ = 1;
  std::optional<Instant> wills_since_;
  std::map<std::string, std::shared_ptr<Fd>> deposits_;
};

}  // namespace upkeep::simulation
