// Children beside the supervised processes: they end, are told of, and leave nothing.
#include "engine/errands.h"

#include <csignal>

#include "unit/engine/daemon_fixture.h"

namespace upkeep::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ErrandsTest : public DaemonTest {
 protected:
  static constexpr const char* kSlot = "svc:1-2!control-t";
  ErrandsTest() { start_daemon(); }
  Errands& errands() { return supervisor_->errands(); }
  Errands::Done remember() {
    return [this](const ExitStatus& status) { told_.push_back(status); };
  }
  void run() { errands().run(kSlot, {}, remember()); }
  bool is_known() const { return keeper_.table.slots().contains(kSlot); }

  static constexpr ExitStatus kUnknown{};
  static constexpr ExitStatus kDone{ExitStatus::Kind::Exited, 0, false};
  std::vector<ExitStatus> told_;
};

TEST_F(ErrandsTest, TellsOfTheEndAndGivesUpTheSlot) {
  run();
  deliver();
  EXPECT_THAT(told_, IsEmpty());
  keeper_.exit(kSlot, 0);
  deliver();
  EXPECT_THAT(told_, ElementsAre(kDone));
  EXPECT_FALSE(is_known());
}

TEST_F(ErrandsTest, AStartThatFailsIsAnEnd) {
  keeper_.spawns_fail = {wire::SpawnStage::Fork, EAGAIN};
  run();
  deliver();
  EXPECT_THAT(told_, ElementsAre(kUnknown));
  EXPECT_FALSE(is_known());
}

TEST_F(ErrandsTest, AllCanBeKilled) {
  run();
  deliver();
  errands().kill_all();
  ASSERT_EQ(keeper_.signals.size(), 1u);
  EXPECT_EQ(keeper_.signals[0].slot, kSlot);
  EXPECT_EQ(keeper_.signals[0].number, SIGKILL);
}

TEST_F(ErrandsTest, NobodyNeedsToWait) {
  errands().run(kSlot, {}, {});
  deliver();
  keeper_.exit(kSlot, 1);
  deliver();
  EXPECT_FALSE(is_known());
}

TEST_F(ErrandsTest, TheForgottenAreNotToldOf) {
  run();
  errands().forget("svc:1-2!");
  deliver();
  keeper_.exit(kSlot, 0);
  deliver();
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_FALSE(is_known());
}

TEST_F(ErrandsTest, OthersAreNotForgotten) {
  run();
  errands().forget("svc:1-3!");
  errands().forget("svc:1-2#log!");
  keeper_.deliver();
  keeper_.exit(kSlot, 0);
  deliver();
  EXPECT_THAT(told_, ElementsAre(kDone));
}

TEST_F(ErrandsTest, GoesOnInTheNextEngine) {
  run();
  deliver();
  Snapshot snapshot = keeper_.snapshot();
  start_daemon();
  errands().resume(kSlot, snapshot, remember());
  EXPECT_THAT(supervisor_->resume(snapshot, mood_), IsEmpty()) << "an errand is no stray";
  EXPECT_THAT(told_, IsEmpty());
  keeper_.exit(kSlot, 0);
  deliver();
  EXPECT_THAT(told_, ElementsAre(kDone));
  EXPECT_FALSE(is_known());
}

TEST_F(ErrandsTest, AnEndThatNobodySawIsTold) {
  run();
  deliver();
  keeper_.exit(kSlot, 0);
  Snapshot snapshot = keeper_.snapshot();
  start_daemon();
  errands().resume(kSlot, snapshot, remember());
  (void)supervisor_->resume(snapshot, mood_);
  EXPECT_THAT(told_, ElementsAre(kDone));
  EXPECT_FALSE(is_known());
}

TEST_F(ErrandsTest, WhatTheKeeperDoesNotKnowHasEndedSomehow) {
  const Snapshot snapshot = keeper_.snapshot();
  errands().resume(kSlot, snapshot, remember());
  EXPECT_THAT(told_, ElementsAre(kUnknown));
}

// The last engine started it and died before anything was noted: asked again, it is not started twice.
TEST_F(ErrandsTest, OneThatRunsIsNotStartedAgain) {
  run();
  deliver();
  recover();
  run();
  deliver();
  EXPECT_THAT(keeper_.starts, ElementsAre(kSlot));
  keeper_.exit(kSlot, 0);
  deliver();
  EXPECT_THAT(told_, ElementsAre(kDone));
  EXPECT_FALSE(is_known());
  run();
  EXPECT_THAT(keeper_.starts, ElementsAre(kSlot, kSlot)) << "that one is over";
}

TEST_F(ErrandsTest, WhatNobodyAskedForEndsWithoutATrace) {
  run();
  deliver();
  keeper_.exit(kSlot, 0);
  EXPECT_THAT(recover(), IsEmpty());
  EXPECT_FALSE(is_known());
}

}  // namespace
}  // namespace upkeep::engine
