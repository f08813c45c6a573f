// The verbs of engine/control.h over the supervisor's processes, with Supervisor's answers (rpcinterface.py).
#pragma once

#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/group_changes.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

// What the daemon as a whole answers and does; implemented by the engine.
class DaemonVerbs {
 public:
  virtual ~DaemonVerbs() = default;
  virtual DaemonInfo info() const = 0;
  virtual void begin_shutdown() = 0;
  virtual void begin_restart() = 0;
  virtual Answer clear_log() = 0;
  virtual GroupChanges& group_changes() = 0;
  virtual DaemonStatus status() const { return {}; }
  virtual tl::expected<std::string, Refused> upgrade(const std::string& path) {
    return tl::unexpected{Refused{Refusal::Failed, "nothing here can be replaced by " + path}};
  }
};

class Verbs : public Control, public os::Clockwork {
 public:
  Verbs(Supervisor& supervisor, DaemonVerbs& daemon_verbs);
  ~Verbs() override;

  DaemonInfo daemon() const override { return daemon_.info(); }
  tl::expected<ProcessInfo, Refused> process(const std::string& name) const override;
  std::vector<ProcessInfo> processes() const override;

  void start(const std::string& name, bool wait, Done done) override;
  void start_group(const std::string& group, bool wait, Done done) override;
  void start_all(bool wait, Done done) override;
  void stop(const std::string& name, bool wait, Done done) override;
  void stop_group(const std::string& group, bool wait, Done done) override;
  void stop_all(bool wait, Done done) override;
  Answer signal(const std::string& name, const std::string& signal) override;
  Answer signal_group(const std::string& group, const std::string& signal) override;
  Answer signal_all(const std::string& signal) override;
  tl::expected<std::string, Refused> logfile(const std::string& name, Stdio channel) const override;
  Answer clear_log() override { return daemon_.clear_log(); }
  Answer clear_logs(const std::string& name) override;
  Answer clear_all_logs() override;
  Answer send_stdin(const std::string& name, const std::string& bytes) override;
  Answer send_remote_event(const std::string& type, const std::string& data) override;
  tl::expected<config::Comparison, Refused> reload() override { return daemon_.group_changes().reload(); }
  Answer add_group(const std::string& group) override { return daemon_.group_changes().add(group); }
  Answer remove_group(const std::string& group) override { return daemon_.group_changes().remove(group); }
  std::vector<ConfigInfo> configurations() const override { return daemon_.group_changes().configurations(); }
  void shutdown() override { daemon_.begin_shutdown(); }
  void restart() override { daemon_.begin_restart(); }
  DaemonStatus status() const override { return daemon_.status(); }
  tl::expected<std::string, Refused> upgrade(const std::string& path) override { return daemon_.upgrade(path); }

  // "waiting for N to stop", every two seconds while somebody does.
  std::optional<Instant> next_deadline() const override;
  void on_time(Instant now) override;

 private:
  using Processes = std::vector<SupervisedProcess*>;
  using One = void (Verbs::*)(SupervisedProcess&, const std::string& name, bool wait, Done);
  struct Target {
    const SupervisedGroup* group = nullptr;
    SupervisedProcess* process = nullptr;  // null: the whole group
  };
  // Waits for a process: asked after each of its changes, done once it returns an answer.
  using Question = std::function<std::optional<Answer>(const SupervisedProcess&)>;
  struct Waiter {
    SupervisedProcess* process;
    Question question;
    Done done;
    std::optional<Instant> next_line;  // about a stop
  };

  tl::expected<Target, Refused> resolve(const std::string& name) const;
  tl::expected<const SupervisedGroup*, Refused> resolve_group(const std::string& name) const;
  void start_one(SupervisedProcess& process, const std::string& name, bool wait, Done done);
  void stop_one(SupervisedProcess& process, const std::string& name, bool wait, Done done);
  Answer signal_one(SupervisedProcess& process, const std::string& name, const std::string& signal);
  void each(Processes processes, One verb, bool (*concerns)(core::State), bool wait, Done done);
  Answer signal_each(const Processes& processes, const std::string& signal);
  static Processes in_order(const SupervisedGroup& group);
  Processes all_in_order() const;
  // False: it was answered at once.
  bool wait_for(SupervisedProcess& process, Question question, Done done);
  void process_changed(SupervisedProcess& process);

  Supervisor& supervisor_;
  DaemonVerbs& daemon_;
  std::list<Waiter> waiters_;
};

}  // namespace upkeep::engine
