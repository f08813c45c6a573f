// All groups and processes of the daemon: routes the keeper's facts to them, keeps their deadlines, starts and stops
// them as a whole.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/model.h"
#include "core/shutdown.h"
#include "engine/errands.h"
#include "engine/loads.h"
#include "engine/supervised_process.h"

namespace upkeep::engine {

class ServiceGroup;

struct SupervisedGroup {
  std::uint32_t load;  // with which it was added
  std::shared_ptr<const config::Group> config;
  std::unique_ptr<FcgiSocket> socket;                         // FastCGI programs only
  std::vector<std::shared_ptr<SupervisedProcess>> processes;  // as configured; of services, as they come and go
  std::shared_ptr<ServiceGroup> services;                     // groups of service directories only
};

class Supervisor : public SlotEvents, public os::Clockwork {
 public:
  // `surroundings.changed` and `.exited` are set by us; observers register below.
  explicit Supervisor(Surroundings surroundings);
  ~Supervisor() override;

  // A group of a name that no other has. It does nothing yet. Listeners learn of it, unless the daemon knew it before
  // this engine.
  SupervisedGroup& add(const LoadedGroup& group, bool is_new = true);
  // All its processes must have ended. Its slots are given up, and listeners learn of it.
  void remove(const std::string& group);

  const std::list<SupervisedGroup>& groups() const { return groups_; }  // in the order they were added
  // By priority, those of the same priority as they were added.
  std::vector<const SupervisedGroup*> groups_in_start_order() const;
  SupervisedProcess* find(const std::string& group, const std::string& process) const;
  const SupervisedGroup* find_group(const std::string& name) const;
  std::vector<SupervisedProcess*> all() const;          // group by group as they were added
  std::size_t size() const { return by_slot_.size(); }  // in processes
  Surroundings& surroundings() { return around_; }

  // Called after every change of a process, and after every reaped child.
  void on_change(std::function<void(SupervisedProcess&)> observer) { observers_.push_back(std::move(observer)); }
  void on_groups(std::function<void()> observer) { group_observers_.push_back(std::move(observer)); }  // come or gone
  void on_exit(std::function<void(SupervisedProcess&)> observer) { exit_observers_.push_back(std::move(observer)); }

  // New groups begin: automatic logs are made, what starts by itself starts, the rest is noted.
  void make_auto_logs();
  void autostart();
  void begin(SupervisedGroup& group);
  // Groups of service directories look for what has come and gone.
  void rescan();
  // Processes of such groups come and go while the daemon runs.
  void add_process(const std::string& group, std::shared_ptr<SupervisedProcess> process);
  void remove_process(const std::string& group, const SupervisedProcess& process);
  Errands& errands() { return errands_; }
  // Recovery: every process goes on from the keeper's facts and its note. Slots of no active group are given up; those
  // in which a process still runs are returned by name.
  std::vector<std::string> resume(Snapshot& snapshot, core::Mood mood);
  // One of them.
  void resume(SupervisedProcess& process, Snapshot& snapshot, core::Mood mood);
  // What the last engine noted of it; none: nothing, or it is not to be believed.
  static std::optional<core::ProcessNote> note_of(const std::string& slot, const Snapshot& snapshot);

  // Shutdown: stops group after group, the last in start order first. `advance` is called after every change; true once
  // everything is stopped.
  void begin_stop();
  bool advance_stop();
  // The end of all patience: SIGKILL for whatever lives, services' scripts included, to groups where that is
  // configured. What waits for its turn to stop does not wait any more.
  void kill_all();
  std::vector<std::string> unstopped() const;  // process names, for "waiting for a, b to die"

  void on_spawned(wire::Spawned fact, std::vector<LentChannel> channels) override;
  void on_spawn_failed(const wire::SpawnFailed& fact) override;
  void on_exited(const wire::Exited& fact) override;
  void on_signal_failed(const wire::SignalFailed& fact) override;

  std::optional<Instant> next_deadline() const override;
  void on_time(Instant now) override;

 private:
  void autostart(SupervisedGroup& group);
  void add_pool(const SupervisedGroup& group, bool is_new);
  void changed(SupervisedProcess& process);
  SupervisedProcess* by_slot(const std::string& slot) const;
  void reschedule(SupervisedProcess& process);

  using Due = std::pair<Instant, SupervisedProcess*>;
  struct Earlier {  // at the same time, by name: what happens must not depend on addresses
    bool operator()(const Due& a, const Due& b) const {
      return a.first != b.first ? a.first < b.first : a.second->slot() < b.second->slot();
    }
  };

  Surroundings around_;
  Errands errands_;
  std::list<SupervisedGroup> groups_;
  std::unordered_map<std::string, std::list<SupervisedGroup>::iterator> by_name_;
  std::map<std::string, SupervisedProcess*> by_slot_;
  std::set<Due, Earlier> deadlines_;
  std::map<SupervisedProcess*, Instant> scheduled_;
  std::vector<std::function<void(SupervisedProcess&)>> observers_, exit_observers_;
  std::vector<std::function<void()>> group_observers_;
  std::optional<core::StopSequence> stopping_;
};

}  // namespace upkeep::engine
