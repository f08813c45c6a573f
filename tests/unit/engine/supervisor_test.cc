#include "engine/supervisor.h"

#include <csignal>

#include "unit/engine/daemon_fixture.h"

namespace upkeep::engine {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class SupervisorTest : public DaemonTest {
 protected:
  SupervisorTest() {  // in start order, as the configuration has them
    config_.groups.clear();
    for (const char* name : {"b", "a"}) add("first", name, 1);
    add("last", "c", 2);
    for (auto& group : config_.groups)
      for (auto& process : group.processes) process.policy.autostart = true;
  }
  std::vector<std::string> signalled() {
    std::vector<std::string> slots;
    for (const auto& signal : std::exchange(keeper_.signals, {})) slots.push_back(signal.slot);
    return slots;
  }
  void start_all() {
    start_daemon();
    supervisor_->autostart();
    deliver();
    pass(1s);
  }
};

TEST_F(SupervisorTest, AutostartsInOrderAndNotesTheRest) {
  config_.groups[0].processes[1].policy.autostart = false;
  start_daemon();
  supervisor_->autostart();
  EXPECT_THAT(keeper_.starts, ElementsAre("first:b", "last:c"));
  EXPECT_TRUE(keeper_.table.slots().contains("first:a")) << "noted: a recovering engine must not start it";
}

TEST_F(SupervisorTest, NothingStartsWhileTheDaemonEnds) {
  mood_ = core::Mood::ShuttingDown;
  start_daemon();
  supervisor_->autostart();
  EXPECT_THAT(keeper_.starts, IsEmpty());
}

TEST_F(SupervisorTest, AtTheEndOfPatienceNobodyWaitsForItsTurn) {
  config_.groups[0].processes[1].policy.kill_as_group = true;
  start_all();
  mood_ = core::Mood::ShuttingDown;
  supervisor_->begin_stop();
  EXPECT_FALSE(supervisor_->advance_stop());
  keeper_.signals.clear();
  supervisor_->kill_all();
  std::vector<std::string> killed;
  for (const auto& signal : keeper_.signals)
    if (signal.number == SIGKILL) killed.push_back(signal.slot + (signal.to_group ? " and its group" : ""));
  EXPECT_THAT(killed, ElementsAre("first:b", "first:a and its group", "last:c"));
  EXPECT_EQ(state("first:a"), "STOPPING") << "asked for: its end starts nothing again";
  for (const char* slot : {"first:b", "first:a", "last:c"}) keeper_.exit(slot, 0);
  deliver();
  EXPECT_TRUE(supervisor_->advance_stop());
  keeper_.signals.clear();
  supervisor_->kill_all();
  EXPECT_THAT(keeper_.signals, IsEmpty());
}

TEST_F(SupervisorTest, StopsGroupAfterGroupBackwards) {
  start_all();
  mood_ = core::Mood::ShuttingDown;
  supervisor_->begin_stop();
  EXPECT_FALSE(supervisor_->advance_stop());
  EXPECT_THAT(signalled(), ElementsAre("last:c"));
  EXPECT_THAT(supervisor_->unstopped(), ElementsAre("b", "a", "c"));
  EXPECT_FALSE(supervisor_->advance_stop()) << "asking again changes nothing";
  EXPECT_THAT(signalled(), IsEmpty());
  keeper_.exit("last:c", 0);
  deliver();
  EXPECT_FALSE(supervisor_->advance_stop());
  EXPECT_THAT(signalled(), ElementsAre("first:a", "first:b"));
  keeper_.exit("first:a", 0);
  deliver();
  EXPECT_FALSE(supervisor_->advance_stop());
  keeper_.exit("first:b", 0);
  deliver();
  EXPECT_TRUE(supervisor_->advance_stop());
  EXPECT_THAT(supervisor_->unstopped(), IsEmpty());
}

TEST_F(SupervisorTest, ABackoffIsGivenUpWithoutAWord) {
  keeper_.spawns_fail = {wire::SpawnStage::Fork, EAGAIN};
  start_all();
  mood_ = core::Mood::ShuttingDown;
  (void)log();
  supervisor_->begin_stop();
  EXPECT_TRUE(supervisor_->advance_stop());
  EXPECT_EQ(state("last:c"), "FATAL");
  EXPECT_THAT(log(), IsEmpty());
}

TEST_F(SupervisorTest, TellsObserversOfChangesAndExits) {
  start_daemon();
  std::vector<std::string> seen;
  supervisor_->on_change(
      [&](SupervisedProcess& p) { seen.push_back(p.slot() + " " + std::string{name_of(p.state())}); });
  supervisor_->on_exit([&](SupervisedProcess& p) { seen.push_back(p.slot() + " was reaped"); });
  process("last:c").feed(core::StartAsked{});
  deliver();
  pass(1s);
  keeper_.exit("last:c", 0);
  deliver();
  EXPECT_THAT(
      seen, ElementsAre("last:c STARTING", "last:c STARTING", "last:c RUNNING", "last:c was reaped", "last:c EXITED"));
}

TEST_F(SupervisorTest, TheFirstRecoveryFinishesAutostart) {
  start_daemon();
  process("first:b").feed(core::StartAsked{});  // and the engine dies
  keeper_.deliver();
  Snapshot snapshot = keeper_.snapshot();
  start_daemon();
  EXPECT_THAT(supervisor_->resume(snapshot, mood_), IsEmpty());
  EXPECT_THAT(keeper_.starts, ElementsAre("first:b", "first:a", "last:c"));
}

TEST_F(SupervisorTest, ALaterRecoveryStartsNothingByItself) {
  start_all();
  process("last:c").feed(core::StopAsked{});
  keeper_.exit("last:c", 0);
  deliver();
  recover();
  deliver();
  EXPECT_EQ(state("last:c"), "STOPPED");
  EXPECT_EQ(state("first:a"), "RUNNING");
  EXPECT_EQ(keeper_.starts.size(), 3u);
}

TEST_F(SupervisorTest, NamesStraysAndLetsTheirSlotsGo) {
  keeper_.spawn("gone:x", 1, "note", {}, {}, {});
  EXPECT_THAT(recover(), ElementsAre("gone:x"));
  keeper_.exit("gone:x", 0);
  deliver();
  EXPECT_FALSE(keeper_.table.slots().contains("gone:x"));
}

TEST_F(SupervisorTest, KeepsTheEarliestDeadline) {
  config_.groups[0].processes[0].policy.start_time = 5s;
  config_.groups[0].processes[1].policy.start_time = 3s;
  start_daemon();
  EXPECT_EQ(supervisor_->next_deadline(), std::nullopt);
  supervisor_->autostart();
  deliver();
  EXPECT_EQ(supervisor_->next_deadline(), now_ + 1s);
  pass(1s);
  EXPECT_EQ(supervisor_->next_deadline(), now_ + 2s);
  process("first:a").feed(core::StopAsked{});
  EXPECT_EQ(supervisor_->next_deadline(), now_ + 4s);
  pass(4s);
  EXPECT_EQ(supervisor_->next_deadline(), now_ + 6s) << "only the SIGKILL of first:a is left";
}

}  // namespace
}  // namespace upkeep::engine
