// A process's life as a script: `process.at(0s).ask_start().expect(Spawn{})`. Included by core's tests only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/process.h"
#include "unit/core/describe.h"

namespace upkeep::core {

class Scenario {
 public:
  explicit Scenario(Policy policy = {}) : policy_(std::move(policy)) {}

  Scenario& at(Duration since_boot) { return now_ = Instant{since_boot}, *this; }
  Scenario& nothing_may_start() { return may_start_ = false, *this; }
  Scenario& all_may_start() { return may_start_ = true, *this; }

  Scenario& ask_start() { return feed(StartAsked{}); }
  Scenario& ask_stop() { return feed(StopAsked{}); }
  Scenario& ask_to_give_up() { return feed(GiveUpAsked{}); }
  Scenario& spawned(std::uint64_t serial = 1) { return feed(Spawned{ProcessId{serial}}); }
  Scenario& spawn_failed(std::string why) { return feed(SpawnFailed{std::move(why)}); }
  Scenario& spawn_lacks_means(std::string why) { return feed(SpawnFailed{std::move(why), true}); }
  Scenario& died(int code) { return feed(Died{{ExitStatus::Kind::Exited, code, false}}); }
  Scenario& killed_by(int signal) { return feed(Died{{ExitStatus::Kind::Signalled, signal, false}}); }
  Scenario& signal_failed() { return feed(SignalFailed{"Operation not permitted"}); }
  Scenario& time_passed() { return feed(TimePassed{}); }

  // Exactly these actions came of the last event.
  template <class... SomeActions>
  Scenario& expect(SomeActions... actions) {
    EXPECT_THAT(actions_, testing::ElementsAreArray(std::vector<Action>{Action{actions}...})) << "at " << seconds(now_);
    return *this;
  }
  Scenario& expect_phase(const Phase& phase) {
    EXPECT_EQ(phase_, phase) << "at " << seconds(now_);
    return *this;
  }
  Scenario& expect_state(State state) {
    EXPECT_EQ(name_of(state_of(phase_)), name_of(state)) << "at " << seconds(now_);
    return *this;
  }
  Scenario& expect_deadline(Duration since_boot) {
    EXPECT_EQ(deadline(phase_, may_start_), Instant{since_boot});
    return *this;
  }
  Scenario& expect_no_deadline() {
    EXPECT_EQ(deadline(phase_, may_start_), std::nullopt);
    return *this;
  }

 private:
  Scenario& feed(const Event& event) {
    Step taken = step(phase_, policy_, event, now_, may_start_);
    phase_ = std::move(taken.next);
    actions_ = std::move(taken.actions);
    return *this;
  }

  Policy policy_;
  Phase phase_;
  Instant now_{};
  bool may_start_ = true;
  std::vector<Action> actions_;
};

}  // namespace upkeep::core
