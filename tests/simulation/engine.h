// The engine of the simulation: the real supervisor, processes, verbs and keeper link on a loop with a clock of its
// own. What it does for the daemon as a whole (moods, signals, the end) follows engine/engine.cc, which needs a real
// system.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/group_changes.h"
#include "engine/keeper_link.h"
#include "engine/supervisor.h"
#include "engine/verbs.h"
#include "simulation/defects.h"

namespace upkeep::simulation {

class Engine : public engine::DaemonEvents, public engine::DaemonVerbs {
 public:
  struct Outside {
    engine::GroupChanges::Read read;  // the configuration as it is on the disk now
    os::Loop::Clock clock;
    std::function<void(const std::string& why)> refused;  // the keeper refused something: a bug
    Defect defect = Defect::None;
  };
  // The keeper's answer to HELLO must be waiting in the socket.
  Engine(Fd socket, const Outside& outside);
  ~Engine() override;

  void start();
  void turn();  // whatever can be done now
  std::optional<Instant> deadline() const;

  engine::Verbs& verbs() { return verbs_; }
  core::Mood mood() const { return mood_; }
  const engine::Supervisor& supervisor() const { return supervisor_; }
  bool is_facts_only() const { return snapshot_.welcome.facts_only; }
  bool has_ended() const { return (finished_ && !handover_) || has_left_; }
  // After the keeper is gone: its table, for the next one.
  const std::optional<std::string>& handover() const { return handover_; }

  engine::DaemonInfo info() const override { return {}; }
  void begin_shutdown() override { set_mood(core::Mood::ShuttingDown); }
  void begin_restart() override { set_mood(core::Mood::Restarting); }
  engine::Answer clear_log() override { return engine::Answer{}; }
  engine::GroupChanges& group_changes() override { return group_changes_; }

 private:
  // Between supervisor and link, so that defects can be built in.
  class Port : public engine::KeeperPort {
   public:
    Port(engine::KeeperLink& link, Defect defect) : link_(link), defect_(defect) {}
    void spawn(const std::string& slot, std::uint64_t serial, std::string note, const wire::LastWill& will,
               std::string plan, std::vector<Fd> passed) override;
    void signal(const std::string& slot, std::uint64_t serial, int number, bool to_group,
                std::optional<std::string> note) override;
    void note(const std::string& slot, std::string note) override;
    void release(const std::string& slot, std::string note) override;
    void repeat_note(const std::string& slot) { link_.note(slot, notes_[slot]); }
    bool has_ended(const std::string& slot) const override { return link_.has_ended(slot); }
    bool is_connected() const override { return link_.is_connected(); }

   private:
    engine::KeeperLink& link_;
    Defect defect_;
    std::map<std::string, std::string> notes_;
  };
  class ForgetfulDeposits : public engine::Deposits {
   public:
    ForgetfulDeposits(engine::Deposits& real, Defect defect) : real_(real), defect_(defect) {}
    void deposit(const std::string& name, const Fd& fd) override {
      if (defect_ != Defect::GroupsForgotten || name != engine::kGroupsDeposit) real_.deposit(name, fd);
    }
    void discard(const std::string& name) override { real_.discard(name); }
    Fd take(const std::string& name) override { return real_.take(name); }
    std::vector<std::string> names() const override { return real_.names(); }

   private:
    engine::Deposits& real_;
    Defect defect_;
  };

  void on_signalled(int number, std::uint64_t sequence) override;
  void on_orphan(const wire::Orphan&) override {}
  void services_changed();
  void on_refused(const std::string& why) override { outside_.refused(why); }
  void on_keeper_lost() override;
  void on_leave() override { has_left_ = true; }

  void set_mood(core::Mood asked);
  void advance_stop();
  void remember();
  engine::Snapshot attach();
  engine::Loads find_loads();

  const Outside outside_;
  os::Loop loop_;
  engine::KeeperLink link_;
  engine::Snapshot snapshot_;
  Port port_;
  ForgetfulDeposits deposits_;
  engine::Loads loads_;
  logs::ActivityLog log_{LogLevel::Critical};
  logs::SinkRegistry sinks_;
  logs::TeePipe tee_;
  logs::Syslog syslog_;
  engine::SpawnSetting setting_;
  core::Mood mood_ = core::Mood::Running;
  engine::EventBus events_;
  engine::Supervisor supervisor_;
  engine::GroupChanges group_changes_;
  engine::Verbs verbs_;
  bool finished_ = false, has_left_ = false;
  std::optional<std::string> handover_;
  std::vector<Fd> inherited_;  // by the next keeper: what the handover names
};

}  // namespace upkeep::simulation
