// A service's life as a script: `web.at(10s).command("d").expect("stop, kill 18")`. The world around it is a model of
// the engine: what is asked to start is there from that moment on. Included by core's tests only.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/service.h"

namespace upkeep::core {

// "start run, stop, kill 18 group, hook t, leave"; `service` is what the step left behind.
inline std::string describe(const std::vector<ServiceAction>& actions, const Service& service) {
  std::string text;
  for (const ServiceAction& action : actions) {
    if (!text.empty()) text += ", ";
    if (std::holds_alternative<StartScript>(action)) {
      text += "start " + std::string{name_of(service.due.value_or(service.script))};
    } else if (std::holds_alternative<StopProcess>(action)) {
      text += "stop";
    } else if (const auto* kill = std::get_if<Kill>(&action)) {
      text += "kill " + std::to_string(kill->number) + (kill->to_group ? " group" : "");
    } else if (std::holds_alternative<RunHook>(action)) {
      text += std::string{"hook "} + service.hook_script;
    } else {
      text += "leave";
    }
  }
  return text;
}

inline std::string_view name_of(ServiceState state) {
  switch (state) {
    case ServiceState::Stopped: return "stopped";
    case ServiceState::Starting: return "starting";
    case ServiceState::Started: return "started";
    case ServiceState::Running: return "running";
    case ServiceState::Stopping: return "stopping";
    case ServiceState::Failed: break;
  }
  return "failed";
}

class ServiceScenario {
 public:
  explicit ServiceScenario(ServiceScripts scripts = {}, Dialect dialect = Dialect::Original)
      : scripts_(std::move(scripts)), dialect_(dialect) {}

  ServiceScenario& at(Duration since_boot) { return now_ = Instant{since_boot}, *this; }
  ServiceScenario& holds(ServiceScripts scripts) { return scripts_ = std::move(scripts), *this; }
  ServiceScenario& supervise(bool down = false) {
    service_ = new_service(down, situation());
    return time_passed();
  }

  ServiceScenario& command(char letter, bool to_group = false) { return feed(Commanded{letter, to_group}); }
  ServiceScenario& hook_ended(int code) { return feed(HookEnded{code == 0}); }
  ServiceScenario& ended(int code) { return end_with({ExitStatus::Kind::Exited, code, false}); }
  ServiceScenario& lost() { return end_with({}); }  // ended, and nobody knows how
  ServiceScenario& killed_by(int signal) { return end_with({ExitStatus::Kind::Signalled, signal, false}); }
  ServiceScenario& fork_failed() {
    has_process_ = false;
    return feed(ForkFailed{});
  }
  ServiceScenario& said_ready() { return feed(SaidReady{}); }
  ServiceScenario& time_passed() { return feed(TimeIsUp{}); }

  // Exactly these actions came of the last event.
  ServiceScenario& expect(std::string_view actions) {
    EXPECT_EQ(said_, actions) << where();
    return *this;
  }
  // The status record: want byte ('0' for none), encore's state, "paused" if so.
  ServiceScenario& expect_status(char want, std::string_view state, bool paused = false) {
    const char letter = want_letter(service_.want);
    EXPECT_EQ(letter == 0 ? '0' : letter, want) << where();
    EXPECT_EQ(name_of(state_of(service_, has_process_)), state) << where();
    EXPECT_EQ(service_.paused && has_process_, paused) << where();
    return *this;
  }
  ServiceScenario& expect_deadline(Duration since_boot) {
    EXPECT_EQ(deadline(service_, has_process_), Instant{since_boot}) << where();
    return *this;
  }
  ServiceScenario& expect_no_deadline() {
    EXPECT_EQ(deadline(service_, has_process_), std::nullopt) << where();
    return *this;
  }
  const Service& service() const { return service_; }
  bool has_process() const { return has_process_; }
  const std::string& said() const { return said_; }  // the actions of the last event

 private:
  ServiceSituation situation() const { return {has_process_, scripts_, dialect_, now_}; }
  std::string where() const { return "at " + std::to_string(now_.time_since_epoch().count() / 1'000'000) + " ms"; }

  ServiceScenario& end_with(const ExitStatus& status) {
    EXPECT_TRUE(has_process_) << "nothing there to end, " << where();
    has_process_ = false;
    return feed(Ended{status});
  }
  ServiceScenario& feed(const ServiceEvent& event) {
    ServiceStep taken = step(service_, event, situation());
    service_ = std::move(taken.next);
    said_ = describe(taken.actions, service_);
    for (const ServiceAction& action : taken.actions) {
      if (!std::holds_alternative<StartScript>(action)) continue;
      EXPECT_FALSE(has_process_) << "started twice, " << where();
      has_process_ = true;
      service_ = step(service_, Begun{}, situation()).next;
    }
    return *this;
  }

  ServiceScripts scripts_;
  Dialect dialect_;
  Service service_;
  Instant now_{std::chrono::seconds{10}};
  bool has_process_ = false;
  std::string said_;
};

}  // namespace upkeep::core
