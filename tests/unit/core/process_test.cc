#include "core/process.h"

#include <gtest/gtest.h>

#include "unit/core/scenario.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;

const ExitStatus kSuccess{ExitStatus::Kind::Exited, 0, false};
const ExitStatus kFailure{ExitStatus::Kind::Exited, 1, false};

constexpr Publish publish(State from, State to, int tries = 0) { return {to, from, tries, true}; }

TEST(Process, StartsAndRuns) {
  Scenario process;
  process.at(0s).ask_start().expect(publish(State::Stopped, State::Starting), Spawn{}).expect_no_deadline();
  process.at(100ms).spawned(7).expect().expect_deadline(1100ms);
  process.at(1099ms).time_passed().expect().expect_state(State::Starting);
  process.at(1100ms).time_passed().expect(publish(State::Starting, State::Running), Report::EnteredRunning);
  process.expect_phase(Running{ProcessId{7}, Instant{100ms}}).expect_no_deadline();
}

TEST(Process, WithoutStartTimeRunsFromTheFirstMoment) {
  Scenario process{{.start_time = 0s}};
  process.at(0s).ask_start();
  process.at(1ms).spawned().expect(publish(State::Starting, State::Running), Report::EnteredRunning);
  process.expect_phase(Running{ProcessId{1}, Instant{1ms}});
}

TEST(Process, AgeCountsFromBirthEvenIfTheKeeperWasSlow) {
  Scenario process;
  process.at(0s).ask_start();
  process.at(5s).spawned().expect_deadline(6s);
  process.at(5500ms).died(0).expect_state(State::Backoff);
}

TEST(Process, DyingYoungIsAFailedStartWhateverTheStatus) {
  Scenario process;
  process.at(0s).ask_start().spawned();
  process.at(500ms).died(0).expect(publish(State::Starting, State::Backoff, 1), Report::ExitedTooQuickly);
  process.expect_phase(Backoff{1, Instant{1500ms}}).expect_deadline(1500ms);
  process.at(1499ms).time_passed().expect();
  process.at(1500ms).time_passed().expect(publish(State::Backoff, State::Starting, 1), Spawn{});
}

TEST(Process, WaitsGrowUntilItGivesUp) {
  Scenario process{{.start_retries = 2}};
  process.at(0s).ask_start().spawned(1);
  process.at(0s).died(1).expect_phase(Backoff{1, Instant{1s}});
  process.at(1s).time_passed().spawned(2);
  process.at(1s).died(1).expect_phase(Backoff{2, Instant{3s}});
  process.at(3s).time_passed().spawned(3);
  process.at(3s).died(1).expect(publish(State::Starting, State::Backoff, 3), Report::ExitedTooQuickly,
                                publish(State::Backoff, State::Fatal), Report::GaveUp);
  process.expect_phase(Fatal{std::string{kExitedTooQuickly}}).expect_no_deadline();
  process.at(9s).time_passed().expect();
  process.at(9s).ask_start().expect(publish(State::Fatal, State::Starting, 0), Spawn{});
}

TEST(Process, FailedSpawnsCountAsFailedStarts) {
  Scenario process{{.start_retries = 1}};
  process.at(0s).ask_start();
  process.spawn_failed("can't find command 'x'")
      .expect(publish(State::Starting, State::Backoff, 1), Report::SpawnFailed)
      .expect_phase(Backoff{1, Instant{1s}});
  process.at(1s).time_passed();
  process.spawn_failed("can't find command 'x'")
      .expect(publish(State::Starting, State::Backoff, 2), Report::SpawnFailed, publish(State::Backoff, State::Fatal),
              Report::GaveUp)
      .expect_phase(Fatal{"can't find command 'x'"});
}

TEST(Process, AShortageIsNoFailedStart) {
  Scenario process{{.start_retries = 0}};
  process.at(0s).ask_start();
  for (int i = 0; i < 100; ++i) {
    process.spawn_lacks_means("fork")
        .expect(publish(State::Starting, State::Backoff, 0), Report::SpawnFailed)
        .expect_phase(Backoff{0, Instant{(i + 1) * kShortageWait}});
    process.at((i + 1) * kShortageWait).time_passed().expect(publish(State::Backoff, State::Starting, 0), Spawn{});
  }
  process.spawned(1).at(1000s).time_passed().expect_state(State::Running);
}

TEST(Process, AShortageForgetsNoFailures) {
  Scenario process{{.start_retries = 1}};
  process.at(0s).ask_start().spawned(1).died(1).expect_phase(Backoff{1, Instant{1s}});
  process.at(1s).time_passed().spawn_lacks_means("fork").expect_phase(Backoff{1, Instant{6s}});
  process.at(6s).time_passed().spawned(2).died(1).expect_state(State::Fatal);
}

TEST(Process, CanBeStoppedWhileItWaitsForMeans) {
  Scenario process;
  process.at(0s).ask_start().spawn_lacks_means("fork");
  process.ask_stop().expect(publish(State::Backoff, State::Stopped, 0)).expect_no_deadline();
}

TEST(Process, NeverGivesUpWithoutALimit) {
  Scenario process{{.start_retries = std::nullopt, .backoff_step = 0s, .start_interval = 1s}};
  process.at(0s).ask_start();
  for (int second = 0; second < 50; ++second) {
    process.at(std::chrono::seconds{second})
        .spawn_failed("fork")
        .expect_phase(Backoff{second + 1, Instant{std::chrono::seconds{second + 1}}});
    process.at(std::chrono::seconds{second + 1}).time_passed().expect_state(State::Starting);
  }
}

TEST(Process, FailuresAreForgottenOnceItRan) {
  Scenario process;
  process.at(0s).ask_start().spawned(1).died(1);
  process.at(1s).time_passed().spawned(2);
  process.at(2s).time_passed().expect_state(State::Running);
  process.at(3s).died(1).expect_state(State::Starting);
  process.spawned(3).died(1).expect_phase(Backoff{1, Instant{4s}});
}

TEST(Process, FailuresAreForgottenByAStop) {
  Scenario process;
  process.at(0s).ask_start().spawned(1).died(1);
  process.ask_stop().expect(publish(State::Backoff, State::Stopped)).expect_phase(Stopped{});
  process.ask_start().expect(publish(State::Stopped, State::Starting, 0), Spawn{});
}

TEST(Process, AnExpectedExitStays) {
  Scenario process{{.exit_codes = {0, 2}}};
  process.at(0s).ask_start().spawned();
  process.at(1s).time_passed();
  process.at(5s).died(2).expect(publish(State::Running, State::Exited), Report::ExitedExpected);
  process.expect_phase(Exited{{ExitStatus::Kind::Exited, 2, false}, std::nullopt}).expect_no_deadline();
  process.at(6s).ask_start().expect(publish(State::Exited, State::Starting), Spawn{});
}

TEST(Process, AnUnexpectedExitRestartsInTheSameStep) {
  Scenario process;
  process.at(0s).ask_start().spawned();
  process.at(1s).time_passed();
  process.at(5s).killed_by(SIGSEGV).expect(Publish{State::Exited, State::Running, 0, false}, Report::ExitedUnexpected,
                                           publish(State::Exited, State::Starting), Spawn{});
  process.expect_phase(Starting{0, std::nullopt, Instant{5s}, Instant{6s}});
}

TEST(Process, NeverRestartStaysEvenIfUnexpected) {
  Scenario process{{.restart = Restart::Never, .start_time = 0s}};
  process.at(0s).ask_start().spawned();
  process.at(5s).died(1).expect_phase(Exited{kFailure, std::nullopt});
}

TEST(Process, ADeathThatNobodySawInTimeWasStillRunning) {
  Scenario process;
  process.at(0s).ask_start().spawned();
  process.at(1s).died(0).expect(publish(State::Starting, State::Running), publish(State::Running, State::Exited),
                                Report::ExitedExpected);
}

TEST(Process, StartIntervalHoldsARestartBack) {
  Scenario process{{.restart = Restart::Always, .start_time = 0s, .start_interval = 1s}};
  process.at(0s).ask_start().spawned();
  process.at(200ms).died(0).expect_phase(Exited{kSuccess, Instant{1s}}).expect_deadline(1s);
  process.at(500ms).ask_start().expect().expect_deadline(1s);
  process.at(1s).time_passed().expect(publish(State::Exited, State::Starting), Spawn{});
  process.at(1s).spawned(2);
  process.at(9s).died(0).expect_state(State::Starting);  // older than the interval: at once
}

TEST(Process, NothingStartsByItselfWhileTheDaemonEnds) {
  Scenario running{{.restart = Restart::Always}};
  running.at(0s).ask_start().spawned();
  running.at(1s).time_passed();
  running.at(2s).nothing_may_start().died(0).expect_phase(Exited{kSuccess, Instant{2s}}).expect_no_deadline();
  running.at(3s).time_passed().expect();
  running.all_may_start().expect_deadline(2s).time_passed().expect_state(State::Starting);

  Scenario failing;
  failing.at(0s).ask_start().spawned().died(1);
  failing.at(9s).nothing_may_start().time_passed().expect().expect_no_deadline().expect_state(State::Backoff);
}

TEST(Process, StopsWithTheStopSignal) {
  Scenario process{{.stop_signal = SIGQUIT, .stop_as_group = true}};
  process.at(0s).ask_start().spawned(4);
  process.at(1s).time_passed();
  process.at(2s).ask_stop().expect(publish(State::Running, State::Stopping), Signal{ProcessId{4}, SIGQUIT, true});
  process.expect_deadline(12s).ask_stop().expect();
  process.at(3s).killed_by(SIGQUIT).expect(publish(State::Stopping, State::Stopped), Report::Stopped);
  process.expect_phase(Stopped{}).at(4s).time_passed().expect();
}

TEST(Process, StopsWhileStarting) {
  Scenario process;
  process.at(0s).ask_start().spawned();
  process.ask_stop().expect(publish(State::Starting, State::Stopping), Signal{ProcessId{1}, SIGTERM, false});
}

TEST(Process, KillsAgainAndAgainWhatDoesNotStop) {
  Scenario process{{.stop_wait = 5s, .kill_as_group = true}};
  process.at(0s).ask_start().spawned().ask_stop().expect_deadline(5s);
  process.at(4999ms).time_passed().expect();
  process.at(5s).time_passed().expect(Report::Killing, Signal{ProcessId{1}, SIGKILL, true}).expect_deadline(10s);
  process.at(10s).time_passed().expect(Report::Killing, Signal{ProcessId{1}, SIGKILL, true}).expect_deadline(15s);
  process.at(11s).killed_by(SIGKILL).expect(publish(State::Stopping, State::Stopped), Report::Stopped);
}

TEST(Process, WithoutStopWaitKillsOnceASecond) {
  Scenario process{{.stop_wait = 0s}};
  process.at(0s).ask_start().spawned().ask_stop().expect_deadline(0s);
  process.time_passed().expect(Report::Killing, Signal{ProcessId{1}, SIGKILL, false}).expect_deadline(kKillAgainMin);
}

TEST(Process, AStopBeforeTheSpawnIsAnsweredSignalsLater) {
  Scenario process;
  process.at(0s).ask_start().ask_stop().expect(publish(State::Starting, State::Stopping)).expect_no_deadline();
  process.at(60s).time_passed().expect();
  process.at(61s).spawned(3).expect(Signal{ProcessId{3}, SIGTERM, false}).expect_deadline(71s);
}

TEST(Process, AStopBeforeAFailedSpawnIsDone) {
  Scenario process;
  process.at(0s).ask_start().ask_stop();
  process.spawn_failed("fork").expect(publish(State::Stopping, State::Stopped), Report::SpawnFailed);
  process.expect_phase(Stopped{});
}

TEST(Process, ShutdownGivesUpSilently) {
  Scenario failing;
  failing.at(0s).ask_start().spawned().died(1);
  failing.ask_to_give_up().expect(publish(State::Backoff, State::Fatal)).expect_state(State::Fatal);

  Scenario live;
  live.at(0s).ask_start().spawned();
  live.ask_to_give_up().expect(publish(State::Starting, State::Stopping), Signal{ProcessId{1}, SIGTERM, false});
  live.ask_to_give_up().expect();

  Scenario waiting{{.restart = Restart::Always, .start_time = 0s, .start_interval = 1s}};
  waiting.at(0s).ask_start().spawned().died(0).expect_deadline(1s);
  waiting.ask_to_give_up().expect().expect_phase(Exited{kSuccess, std::nullopt}).expect_no_deadline();
}

TEST(Process, AStartOfALiveOneIsRefused) {
  Scenario process;
  process.at(0s).ask_start().ask_start().expect(Report::AlreadyRunning);
  process.spawned().ask_start().expect(Report::AlreadyRunning);
  process.ask_stop().ask_start().expect(Report::AlreadyRunning).expect_state(State::Stopping);
}

TEST(Process, BackoffIsNotShortenedByAStart) {
  Scenario process;
  process.at(0s).ask_start().spawned().died(1).ask_start().expect().expect_phase(Backoff{1, Instant{1s}});
}

TEST(Process, WhatCannotBeSignalledIsUnknownUntilItEnds) {
  Scenario process{{.restart = Restart::Always}};
  process.at(0s).ask_start().spawned().ask_stop();
  process.signal_failed().expect(publish(State::Stopping, State::Unknown), Report::CannotSignal).expect_no_deadline();
  process.ask_stop().expect().ask_start().expect(Report::AlreadyRunning);
  process.at(9s).died(0).expect(Publish{State::Exited, State::Unknown, 0, false}, Report::ExitedUnexpected);
  process.expect_phase(Exited{kSuccess, std::nullopt});
}

TEST(Process, HugeWaitsDoNotWrapAround) {
  Scenario process{{.start_time = Duration::max(), .backoff_step = Duration::max() / 2, .stop_wait = Duration::max()}};
  process.at(9s).ask_start().spawned(1).expect_deadline(Duration::max());
  process.died(1).time_passed().expect_state(State::Backoff);
  process.ask_stop().ask_start().spawned(2).ask_stop().expect_deadline(Duration::max());
}

TEST(States, HaveSupervisorsNamesAndClasses) {
  EXPECT_EQ(name_of(State::Backoff), "BACKOFF");
  EXPECT_EQ(static_cast<int>(State::Exited), 100);
  const std::vector all{State::Stopped,  State::Starting, State::Running, State::Backoff,
                        State::Stopping, State::Exited,   State::Fatal,   State::Unknown};
  std::string stopped, running, signallable;
  for (State state : all) {
    if (is_stopped(state)) stopped += std::string{name_of(state)} + " ";
    if (is_running(state)) running += std::string{name_of(state)} + " ";
    if (is_signallable(state)) signallable += std::string{name_of(state)} + " ";
  }
  EXPECT_EQ(stopped, "STOPPED EXITED FATAL UNKNOWN ");
  EXPECT_EQ(running, "STARTING RUNNING BACKOFF ");
  EXPECT_EQ(signallable, "STARTING RUNNING STOPPING ");
}

}  // namespace
}  // namespace upkeep::core
