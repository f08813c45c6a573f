// One process of a service directory: the wishes of core/service.h in front of the life of a process. Its owner says
// what starting a script means, and shows the world how it is.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/service.h"
#include "engine/service_role.h"
#include "engine/supervised_process.h"
#include "wire/status_record.h"

namespace upkeep::engine {

// The directory that the process belongs to.
class ServiceOwner {
 public:
  virtual ~ServiceOwner() = default;
  virtual ServiceRole::Start prepare(core::Script script) = 0;
  virtual core::ServiceScripts scripts() const = 0;
  virtual void settle_policy(core::Policy& policy) = 0;  // what files say about the next stop
  virtual void run_hook(char letter) = 0;                // `control/LETTER`; answered by Service::hook_ended()
  virtual void service_changed() = 0;                    // after every step, once its actions are performed
  virtual void service_leaves() = 0;                     // no process is left, and none is to come
  // For whoever is told of each script's beginning and end.
  virtual void script_began(core::Script script, int pid) = 0;
  virtual void script_ended(core::Script script, int pid, const ExitStatus& status) = 0;
};

// What outlives an engine, in the note of the process.
struct ServiceNote {
  std::string name;  // of the process: its directory may be gone
  core::Service wishes;
};
Result<ServiceNote> decode_service_note(std::string_view bytes);

struct ServiceTraits {
  std::string slot;
  Dialect dialect = Dialect::Original;
  bool is_quiet = false;
  bool is_notified = false;  // it says when it is ready
};

class Service : public ServiceRole {
 public:
  // `config` has name, group, priority, logs and environment; its policy is made here.
  Service(config::Process config, ServiceTraits traits, ServiceOwner& owner, Surroundings& around);
  Service(const Service&) = delete;

  SupervisedProcess& process() { return *process_; }
  const std::shared_ptr<SupervisedProcess>& shared_process() { return process_; }
  const SupervisedProcess& process() const { return *process_; }
  const core::Service& wishes() const { return wishes_; }
  void set_since(const Tai64n& since) { since_ = since; }  // as the status of the last engine had it
  void rename(std::string name);
  void set_notified(bool is_notified) { traits_.is_notified = is_notified; }

  // A new one starts by itself unless `down`; one that a former engine knew goes on with the wishes of its note.
  void begin(bool down);
  // `pid`: the process that the last engine knew.
  void recall(const std::optional<core::ProcessNote>& note, bool down, int pid);  // before the process is resumed
  void go_on();                                                                   // after that

  void command(char letter, bool to_group = false);
  void hook_ended(bool suppresses) { take(core::HookEnded{suppresses}); }
  void said_ready() { take(core::SaidReady{}); }

  bool has_process() const;
  // Whether a command can be acted upon: the keeper owes no news, and no hook is running.
  bool is_receptive() const { return wishes_.hook == 0 && !process_->awaits_keeper() && !process_->is_ending(); }
  bool is_gone() const { return is_gone_; }  // it has left
  // For supervise/status; `with_state`: as daemontools-encore writes it.
  wire::StatusRecord record(bool with_state) const;

  // ServiceRole
  std::string slot() const override { return traits_.slot; }
  core::State shown(const core::Phase& phase) const override {
    return core::shown_state(wishes_, phase, traits_.is_notified);
  }
  bool is_main_script() const override { return wishes_.script == core::Script::Run; }
  bool is_quiet() const override { return traits_.is_quiet; }
  Start prepare() override;
  std::string note() const override;
  void ask(const core::Event& event) override;
  void observe(const core::Event& event, const core::Phase& now) override;
  void follow_up() override;
  std::optional<Instant> deadline() const override;
  void on_time() override { take(core::TimeIsUp{}); }

 private:
  core::ServiceSituation situation(bool has_process) const;
  bool may_start() const;  // what is due
  void step(const core::ServiceEvent& event, bool has_process);
  void take(const core::ServiceEvent& event);
  void perform(const core::ServiceAction& action);

  config::Process config_;
  ServiceTraits traits_;
  ServiceOwner& owner_;
  Surroundings& around_;
  core::Service wishes_;
  mutable core::Service noted_;               // as the keeper's note has them
  std::vector<core::ServiceAction> pending_;  // of the step that is just being made
  bool is_gone_ = false;
  Tai64n since_;  // the last change of the pid
  int last_pid_ = 0;
  std::shared_ptr<SupervisedProcess> process_;  // the supervisor has it, too
};

}  // namespace upkeep::engine
