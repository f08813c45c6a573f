// The keeper of the simulation: the real table, engine watch and channels, its other system calls done by the simulated
// kernel. What it does with them follows keeper/keeper.cc, keeper_requests.cc and keeper_channels.cc, with spools that
// are small enough to run over.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "keeper/channel.h"
#include "keeper/engine_watch.h"
#include "keeper/probation.h"
#include "keeper/table.h"
#include "simulation/defects.h"
#include "simulation/kernel.h"
#include "simulation/witness.h"
#include "wire/handover.h"

namespace upkeep::simulation {

inline constexpr std::int64_t kSimSpoolBytesMax = 8 << 10, kSimSpoolBytesMaxAll = 24 << 10;

class Keeper {
 public:
  // `number` tells keepers that follow each other apart.
  Keeper(int number, Kernel& kernel, Random& random, Witness& witness, Defect defect)
      : number_(number), kernel_(kernel), random_(random), witness_(witness), defect_(defect) {}
  // From the engine of a keeper that died. An adopted process may have died while nobody watched.
  void take_over(const std::vector<wire::HandoverItem>& items, Instant now);
  // Executes another image, which goes on with what the table says, and with the same engine until that has left. Null:
  // this is not the moment. `with_a_way_back`: the image before can be taken back.
  std::unique_ptr<Keeper> another_image(bool with_a_way_back, Instant now);
  void die(Instant now);  // children that have not begun never will; nobody waits for the others

  // --- the engine's socket
  bool reads() const { return outbox_.empty(); }  // a message of the engine, if there is one
  void perform(const wire::Framed<wire::FromEngine>& framed, std::vector<std::shared_ptr<Fd>> fds, Instant now);
  // What waits goes out while there is room for so many messages; then children may begin.
  void flush(std::size_t room, Instant now);
  std::size_t waiting() const { return outbox_.size(); }
  std::size_t answers_waiting() const;
  void begin_engine();  // sends the snapshot
  void end_engine(const ExitStatus& status, Instant now);

  // --- the outside
  void signalled(int number);  // by somebody outside
  void reap(int pid, const ExitStatus& status, Instant now);
  void look_at_adopted(Instant now);  // some may have ended

  // --- time
  std::optional<Instant> deadline(Instant now) const;
  void on_time(Instant now);
  void carry(Instant now);  // into the spools, while no engine reads
  bool performs_last_wills() const { return wills_since_.has_value(); }
  bool wills_are_done() const { return performs_last_wills() && !table_.has_processes(); }

  keeper::Table& table() { return table_; }
  const keeper::Table& table() const { return table_; }
  keeper::EngineWatch& watch() { return watch_; }
  int number() const { return number_; }
  bool is_attached() const { return attached_; }
  bool is_heir() const { return is_heir_; }     // until an engine is ready, each repeats what it may have to send
  bool is_leaving() const { return leaving_; }  // the engine was told to make way for that of another image
  // Why the image before is to be taken back, as soon as no engine runs.
  std::optional<std::string> failure(Instant now) const;
  bool quits() const { return quits_; }
  bool restarts() const { return restarts_; }
  bool is_running() const { return stage_ == wire::Stage::Running; }  // READY was seen
  const std::map<std::string, std::shared_ptr<Fd>>& deposits() const { return deposits_; }
  const std::map<std::string, std::vector<keeper::Channel>>& channels() const { return channels_; }
  std::size_t descriptors() const;  // that it holds for others
  std::int64_t spooled() const { return spooled_; }

  // --- fate
  int failing_spawns = 0;              // the chance of the next spawns to fail: one in this many; 0: none
  std::size_t descriptors_max = 1000;  // what needs more fails with EMFILE
  std::string untouchable_slot;        // its processes cannot be signalled

 private:
  struct Outgoing {
    std::string datagram;
    std::vector<std::shared_ptr<Fd>> fds;
    std::string shown;
    bool is_answer = false;  // to a request
  };

  Result<void> perform(const wire::FromEngine& message, std::vector<std::shared_ptr<Fd>>& fds, Instant now);
  Result<void> spawn(const wire::Spawn& spawn, std::vector<std::shared_ptr<Fd>>& fds, Instant now);
  Result<void> restart();
  void send_signal(const std::string& slot, std::uint64_t serial, int number, bool to_group, Instant now);
  void slot_ended(int pid, const ExitStatus& status, Instant now);
  void tell_end(const std::string& slot);
  void send(const wire::FromKeeper& message, const std::vector<const Fd*>& fds = {});
  void tell_signals();
  void send_snapshot();
  void perform_last_wills(Instant now);
  std::vector<wire::ChannelState> lend(const std::string& slot, std::vector<const Fd*>& fds);
  void hold_all();
  void hold(keeper::Channel& channel, Instant now);

  const int number_;
  Kernel& kernel_;
  Random& random_;
  Witness& witness_;
  const Defect defect_;
  keeper::Table table_;
  keeper::EngineWatch watch_;
  wire::Stage stage_ = wire::Stage::Fresh;
  bool attached_ = false, quits_ = false, restarts_ = false, leaving_ = false;
  bool is_heir_ = false;  // of a keeper that died, and no engine was ready since
  std::optional<keeper::Probation> probation_;
  std::uint64_t next_sequence_ = 1;
  std::deque<Outgoing> outbox_;
  std::vector<int> gates_;  // pids
  std::optional<Instant> wills_since_;
  std::map<std::string, std::shared_ptr<Fd>> deposits_;
  std::map<std::string, std::vector<keeper::Channel>> channels_;  // by slot
  std::map<std::string, Fd> pidfds_;                              // by slot; of adopted processes, too
  std::int64_t spooled_ = 0;
};

}  // namespace upkeep::simulation
