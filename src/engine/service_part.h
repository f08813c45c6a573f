// The scripts of a service directory as one of its processes: the service itself, or its `log` script. Makes plans for
// them, and runs what goes with them: `control/C`, `notify`, the readiness notification.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/service.h"
#include "engine/service_directory.h"

namespace upkeep::engine {

class ServiceDirectory::Part : public ServiceOwner {
 public:
  enum class Kind { Main, LogScript };
  struct Stdio {  // borrowed; -1: what every process of the group has
    int input = -1, output = -1;
  };
  struct Home {
    ServiceSurroundings around;
    std::string slot, name;
    int directory = -1;  // borrowed
    std::function<void(const Part&)> changed, left;
    std::function<std::string()> shown;
  };

  Part(Home home, Stdio stdio, Kind kind);

  void begin(bool down) { service_->begin(down); }
  // `known` is the status that the last engine wrote.
  void resume(Snapshot& snapshot, core::Mood mood, bool down, const std::optional<wire::Status>& known);
  void go_on() { service_->go_on(); }
  void remove();  // from the daemon's processes
  void rename(std::string name) { service_->rename(std::move(name)); }
  Service& service() { return *service_; }
  const Service& service() const { return *service_; }

  // ServiceOwner
  ServiceRole::Start prepare(core::Script script) override;
  core::ServiceScripts scripts() const override;
  void settle_policy(core::Policy& policy) override;
  void run_hook(char letter) override;
  void service_changed() override { home_.changed(*this); }
  void service_leaves() override { home_.left(*this); }
  void script_began(core::Script script, int pid) override { notify(script, "start", pid, 0); }
  void script_ended(core::Script script, int pid, const ExitStatus& status) override;

 private:
  // Everything but where stdio leads to.
  wire::SpawnPlan plan(const std::string& file, std::vector<std::string> arguments) const;
  wire::SpawnPlan errand(const std::string& file, std::vector<std::string> arguments) const;
  void notify(core::Script script, std::string_view event, int pid, int code);
  std::string script_name(core::Script script) const;
  std::string hook_slot(char letter) const { return service_->slot() + "!control-" + letter; }
  std::string ready_deposit() const { return "service:" + home_.slot + ":ready"; }
  Fd make_notification();
  void await_notification(Fd read);
  void end_notification();

  Home home_;
  Stdio stdio_;
  Kind kind_;
  Surroundings& engine_;
  std::unique_ptr<Service> service_;
  Fd ready_;
  os::Watch ready_watch_;
};

}  // namespace upkeep::engine
