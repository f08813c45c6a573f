// Signals are written as numbers: TERM is 15, CONT 18, STOP 19.
#include "core/service.h"

#include <gtest/gtest.h>

#include "unit/core/service_scenario.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;

// --- a directory with `run` only

TEST(Service, StartsByItselfUnlessThereIsADownFile) {
  ServiceScenario up;
  up.at(10s).supervise().expect("start run").expect_status('u', "running").expect_no_deadline();
  ServiceScenario down;
  down.at(10s).supervise(true).expect("").expect_status('d', "stopped").expect_no_deadline();
  down.command('u').expect("start run").expect_status('u', "running");
}

TEST(Service, RestartsAtOnceAfterMoreThanASecond) {
  ServiceScenario web;
  web.at(10s).supervise();
  web.at(11s).ended(0).expect("start run");
  web.at(9999s).killed_by(9).expect("start run");
}

TEST(Service, RestartsASecondAfterTheLastStartOtherwise) {
  ServiceScenario web;
  web.at(10s).supervise();
  web.at(10300ms).ended(111).expect("").expect_status('u', "stopped").expect_deadline(11s);
  web.at(10999ms).time_passed().expect("").expect_deadline(11s);
  web.at(11s).time_passed().expect("start run");
  web.at(11s).ended(111).expect("").expect_deadline(12s);
}

TEST(Service, NeverGivesUp) {
  ServiceScenario web;
  web.at(10s).supervise();
  for (int second = 11; second < 100; ++second) {
    web.ended(111).expect("").expect_deadline(std::chrono::seconds{second});
    web.at(std::chrono::seconds{second}).time_passed().expect("start run");
  }
}

TEST(Service, DownSendsTermAndCont) {
  ServiceScenario web;
  web.at(10s).supervise();
  web.at(20s).command('d').expect("stop, kill 18").expect_status('d', "stopping");
  web.command('d').expect("stop, kill 18");  // each time
  web.killed_by(15).expect("").expect_status('d', "stopped").expect_no_deadline();
  web.command('d').expect("");
}

TEST(Service, DownEndsAPause) {
  ServiceScenario web;
  web.at(10s).supervise();
  web.command('p').expect("kill 19").expect_status('u', "running", true);
  web.command('d').expect("stop, kill 18").expect_status('d', "stopping", false);
}

TEST(Service, DownWhileARestartIsDueCancelsIt) {
  ServiceScenario web;
  web.at(10s).supervise();
  web.at(10100ms).ended(1).expect_deadline(11s);
  web.command('d').expect("").expect_no_deadline().expect_status('d', "stopped");
  web.at(10200ms).command('u').expect("").expect_deadline(11s);  // the second between two starts is kept
  web.at(11s).time_passed().expect("start run");
}

TEST(Service, UpWhileStoppingRestartsWhenItEnded) {
  ServiceScenario web;
  web.at(10s).supervise();
  web.at(20s).command('d').command('u').expect("").expect_status('u', "running");
  web.killed_by(15).expect("start run");
}

TEST(Service, UpOfARunningOneChangesNothing) {
  ServiceScenario web;
  web.at(10s).supervise();
  const Service before = web.service();
  web.command('u').expect("");
  EXPECT_EQ(web.service(), before);
}

TEST(Service, OnceIsNotRestarted) {
  ServiceScenario job;
  job.at(10s).supervise(true).command('o').expect("start run").expect_status('0', "running");
  job.at(10100ms).ended(0).expect("").expect_status('0', "stopped").expect_no_deadline();
  job.command('o').expect("").expect_deadline(11s);
  job.at(11s).time_passed().expect("start run");
}

TEST(Service, OnceOfARunningOneOnlyEndsItsRestarts) {
  ServiceScenario web;
  web.at(10s).supervise();
  web.at(20s).command('o').expect("").expect_status('0', "running");
  web.ended(0).expect("").expect_status('0', "stopped");

  ServiceScenario again;
  again.at(10s).supervise().command('o').command('u').expect_status('u', "running");
  again.at(20s).ended(0).expect("start run");
}

TEST(Service, OnceWhileARestartIsDueIsThatRestart) {
  ServiceScenario web;
  web.at(10s).supervise().ended(1).command('o').expect("").expect_deadline(11s);
  web.at(11s).time_passed().expect("start run");
  web.ended(1).expect("").expect_no_deadline();
}

TEST(Service, ExitAloneWaitsForTheEndAndSendsNothing) {
  ServiceScenario web;
  web.at(10s).supervise();
  web.command('x').expect("").expect_status('u', "running");
  web.command('u').expect("");  // cannot be taken back
  web.at(99s).ended(0).expect("leave");
}

TEST(Service, ExitOfADownOneIsAtOnce) {
  ServiceScenario web;
  web.at(10s).supervise(true).command('x').expect("leave");
  ServiceScenario pacing;
  pacing.at(10s).supervise().ended(1).expect_deadline(11s);
  pacing.command('x').expect("leave").expect_no_deadline();
}

TEST(Service, DownAndExitInAnyOrder) {
  ServiceScenario dx;
  dx.at(10s).supervise().command('d').expect("stop, kill 18").command('x').expect("").killed_by(15).expect("leave");
  ServiceScenario xd;
  xd.at(10s).supervise().command('x').expect("").command('d').expect("stop, kill 18").killed_by(15).expect("leave");
}

TEST(Service, OnceAndExitRunsItToItsEnd) {
  ServiceScenario job;
  job.at(10s).supervise(true).command('o').expect("start run").command('x').expect("");
  job.at(10300ms).ended(0).expect("leave");
}

TEST(Service, OnceAndExitWithinASecondOfTheLastRunRunsItStill) {
  ServiceScenario job;
  job.at(10s).supervise(true).command('o').expect("start run");
  job.at(10100ms).ended(0).command('o').expect("").command('x').expect("").expect_deadline(11s);
  job.at(11s).time_passed().expect("start run").ended(0).expect("leave");
}

TEST(Service, PauseIsBookkeeping) {
  ServiceScenario web;
  web.at(10s).supervise().command('p').expect("kill 19").expect_status('u', "running", true);
  web.command('p').expect("kill 19");
  web.command('c').expect("kill 18").expect_status('u', "running", false);
  web.command('p').at(20s).killed_by(9).expect("start run").expect_status('u', "running", false);  // the next is fresh

  ServiceScenario down;
  down.at(10s).supervise(true).command('p').expect("").expect_status('d', "stopped", false);
  down.command('u').expect("start run").expect_status('u', "running", false);
}

TEST(Service, SignalsGoToWhateverIsThere) {
  const std::vector<std::pair<char, std::string>> signals{
      {'p', "kill 19"}, {'c', "kill 18"}, {'t', "kill 15"}, {'h', "kill 1"},  {'a', "kill 14"}, {'i', "kill 2"},
      {'k', "kill 9"},  {'q', "kill 3"},  {'1', "kill 10"}, {'2', "kill 12"}, {'w', "kill 28"}};
  for (const auto& [letter, action] : signals) {
    ServiceScenario web;
    web.at(10s).supervise().command(letter).expect(action).command(letter, true).expect(action + " group");
    ServiceScenario down;
    down.at(10s).supervise(true).command(letter).expect("");
  }
}

TEST(Service, DownOfAGroup) {
  ServiceScenario web;
  web.at(10s).supervise().command('d', true).expect("kill 15 group, kill 18 group").expect_status('d', "stopping");
}

TEST(Service, IgnoresWhatItDoesNotKnow) {
  for (int byte = 0; byte < 256; ++byte) {
    const char letter = static_cast<char>(byte);
    if (byte != 0 && std::string_view{"udoxpcthaikq12w"}.find(letter) != std::string_view::npos) continue;
    ServiceScenario web;
    web.at(10s).supervise();
    const Service before = web.service();
    web.command(letter).expect("");
    EXPECT_EQ(web.service(), before) << byte;
  }
}

TEST(Service, TriesAMissingRunOnceASecond) {
  ServiceScenario broken{{.run = false}};
  broken.at(10s).supervise().expect("start run").ended(111).expect_deadline(11s);
}

// --- failures

TEST(Service, AFailedForkIsTriedAgainAfterAMinute) {
  ServiceScenario web;
  web.at(10s).supervise().fork_failed().expect("").expect_status('u', "stopped").expect_deadline(70s);
  web.at(20s).command('u').expect("").expect_deadline(70s);
  web.at(70s).time_passed().expect("start run").expect_no_deadline();
}

TEST(Service, AFailedForkIsNotTriedAgainIfUnwanted) {
  ServiceScenario web;
  web.at(10s).supervise().command('d').fork_failed().expect("").expect_no_deadline().expect_status('d', "stopped");
  ServiceScenario later;
  later.at(10s).supervise().fork_failed().command('d').expect("").expect_no_deadline();
  ServiceScenario leaving;
  leaving.at(10s).supervise().command('x').fork_failed().expect("leave");
}

TEST(Service, AFailedForkOfACleanUpIsTriedAgain) {
  ServiceScenario web{{.stop = true}};
  web.at(10s).supervise().command('d').killed_by(15).expect("start stop");
  web.fork_failed().expect("").expect_deadline(70s).at(70s).time_passed().expect("start stop");

  ServiceScenario asked{{.finish = true}};
  asked.at(10s).supervise().ended(0).expect("start finish").command('o').fork_failed().expect_deadline(70s);
  asked.at(70s).time_passed().expect("start run");
}

TEST(Service, Exit100IsForGoodInEncoresDialectOnly) {
  ServiceScenario original{{.stop = true}};
  original.at(10s).supervise().at(20s).ended(100).expect("start run");

  ServiceScenario encore{{.stop = true}, Dialect::Encore};
  encore.at(10s).supervise().at(20s).ended(100).expect("").expect_status('d', "failed").expect_no_deadline();
  encore.command('u').expect("start run").expect_status('u', "running");
  encore.at(30s).killed_by(100).expect("start run");  // a signal of that number is no exit code
  encore.at(40s).ended(100).expect_status('d', "failed").command('o').expect("start run").expect_status('0', "running");
}

TEST(Service, AFailedOneStaysFailedUntilItIsStarted) {
  ServiceScenario web{{.stop = true}, Dialect::Encore};
  web.at(10s).supervise().ended(100).command('d').expect("").expect_status('d', "failed");
  web.command('x').expect("leave");
}

// --- finish

TEST(Service, FinishRunsAfterEachExit) {
  ServiceScenario web{{.finish = true}};
  web.at(10s).supervise();
  web.at(10200ms).ended(7).expect("start finish").expect_status('u', "stopped");
  EXPECT_EQ(web.service().run_end, (ExitStatus{ExitStatus::Kind::Exited, 7, false}));
  web.at(10300ms).ended(0).expect("").expect_deadline(11s);
  web.at(11s).time_passed().expect("start run");
  web.at(20s).killed_by(15).expect("start finish");
  web.at(21s).ended(0).expect("start run");
}

TEST(Service, FinishRunsBeforeDownAndExitAreDone) {
  ServiceScenario web{{.stop = true, .finish = true}};
  web.at(10s).supervise().command('d').command('x').killed_by(15).expect("start finish");
  web.ended(0).expect("start stop");
  web.ended(0).expect("leave");
}

TEST(Service, Finish125IsForGood) {
  ServiceScenario web{{.stop = true, .finish = true}};
  web.at(10s).supervise().at(20s).ended(0).ended(125).expect("").expect_status('d', "failed").expect_no_deadline();

  ServiceScenario once{{.finish = true}};  // whatever was asked for before
  once.at(10s).supervise().at(20s).ended(0).command('o').ended(125).expect("").expect_status('d', "failed");
}

TEST(Service, CommandsDuringFinish) {
  const auto finishing = [] {
    ServiceScenario web{{.stop = true, .finish = true}};
    web.at(10s).supervise().at(20s).ended(0).expect("start finish");
    return web;
  };
  finishing().command('d').expect("").ended(0).expect("start stop").ended(0).expect("").expect_status('d', "stopped");
  finishing()
      .command('o')
      .expect("")
      .ended(0)
      .expect("start run")
      .ended(0)
      .expect("start finish")
      .ended(0)
      .expect("start stop");
  finishing().command('u').expect("").ended(0).expect("start run");
  finishing().command('x').expect("").ended(0).expect("leave");
  finishing().command('k').expect("kill 9");
  finishing().command('d').command('u').ended(0).expect("start run");
}

// --- start

TEST(Service, StartComesOnceBeforeRun) {
  ServiceScenario web{{.start = true}};
  web.at(10s).supervise().expect("start start").expect_status('u', "starting");
  web.at(10100ms).ended(0).expect("start run").expect_status('u', "running");
  web.at(20s).ended(0).expect("start run");
}

TEST(Service, AFailedStartIsForGood) {
  ServiceScenario web{{.start = true, .stop = true}};
  web.at(10s).supervise().ended(1).expect("").expect_status('d', "failed").expect_no_deadline();
  web.command('o').expect("start start").killed_by(9).expect("").expect_status('d', "failed");
  web.command('u').expect("start start").ended(0).expect("start run");
}

// Nobody knows how it ended when the keeper was killed meanwhile.
TEST(Service, AStartOfUnknownEndRunsOnceMore) {
  ServiceScenario web{{.start = true}};
  web.at(10s).supervise().lost().expect("start start").ended(0).expect("start run");
  ServiceScenario down{{.start = true}};
  down.at(10s).supervise().command('d').lost().expect_status('d', "failed");
}

TEST(Service, StartRunsAgainForUpAfterDownOnly) {
  ServiceScenario web{{.start = true}};
  web.at(10s).supervise().ended(0);
  web.at(20s).command('d').killed_by(15).command('o').expect("start run");
  web.at(30s).ended(0).expect("").command('u').expect("start run");  // wanted was "once", not down
  web.at(40s).command('d').killed_by(15).command('u').expect("start start").ended(0).expect("start run");
}

TEST(Service, AStartThatAppearsLaterWaitsForTheNextUp) {
  ServiceScenario web;
  web.at(10s).supervise().holds({.start = true}).at(20s).ended(0).expect("start run");
  web.at(30s).command('d').killed_by(15).command('u').expect("start start");
}

TEST(Service, DownDuringStart) {
  ServiceScenario obeys{{.start = true, .stop = true}};
  obeys.at(10s).supervise().command('d').expect("stop, kill 18").expect_status('d', "starting");
  obeys.killed_by(15).expect("").expect_status('d', "failed");

  ServiceScenario succeeds{{.start = true, .stop = true}};
  succeeds.at(10s)
      .supervise()
      .command('d')
      .ended(0)
      .expect("start stop")
      .ended(0)
      .expect("")
      .expect_status('d', "stopped");
}

TEST(Service, ExitDuringStartRunsNothingMore) {
  ServiceScenario web{{.start = true}};
  web.at(10s).supervise().command('x').expect("").ended(0).expect("leave");
}

TEST(Service, WithoutRunItIsStartedByStartAlone) {
  ServiceScenario setup{{.run = false, .start = true, .stop = true}};
  setup.at(10s)
      .supervise()
      .expect("start start")
      .ended(0)
      .expect("")
      .expect_status('0', "started")
      .expect_no_deadline();
  setup.command('u').expect("").expect_status('0', "started");
  setup.command('d').expect("start stop").expect_status('d', "stopped").ended(0).expect_status('d', "stopped");
  setup.command('u').expect("start start").ended(0).expect_status('0', "started").command('x').expect("leave");
}

TEST(Service, AnEmptyDirectoryIsStartedInEncoresDialect) {
  ServiceScenario empty{{.run = false}, Dialect::Encore};
  empty.at(10s).supervise().expect("").expect_status('0', "started");
}

// --- stop

TEST(Service, StopRunsOnceAfterDown) {
  ServiceScenario web{{.stop = true}};
  web.at(10s).supervise().command('d').killed_by(15).expect("start stop").expect_status('d', "stopped");
  web.ended(0).expect("").command('d').expect("");
  web.at(20s).command('o').expect("start run").ended(0).expect("");  // no 'd' has hit a live one since
  web.at(30s).command('u').expect("start run").command('d').killed_by(15).expect("start stop");
}

TEST(Service, StopRunsAfterOnce) {
  ServiceScenario job{{.stop = true}};
  job.at(10s)
      .supervise(true)
      .command('o')
      .ended(0)
      .expect("start stop")
      .ended(0)
      .expect("")
      .expect_status('0', "stopped");
}

TEST(Service, StopDoesNotRunBetweenRestartsNorOnABareExit) {
  ServiceScenario web{{.stop = true}};
  web.at(10s).supervise().at(20s).ended(0).expect("start run").command('x').ended(0).expect("leave");
}

TEST(Service, StopRunsOnDownOfADownOneIfItHasNotYet) {
  ServiceScenario web{{.stop = true}};
  web.at(10s).supervise(true).command('d').expect("start stop").ended(0).expect("").command('d').expect("");
}

TEST(Service, DownBetweenTwoRunsHitsALiveOne) {
  const auto stopped_before = [](ServiceScripts scripts) {
    ServiceScenario web{std::move(scripts)};
    web.at(10s).supervise().command('d').killed_by(15);
    if (web.service().script == Script::Finish) web.ended(0);
    web.expect("start stop").ended(0).at(20s).command('u').expect("start run");
    return web;
  };
  stopped_before({.stop = true}).ended(1).expect_deadline(21s).command('d').expect("start stop");
  stopped_before({.stop = true, .finish = true})
      .ended(1)
      .expect("start finish")
      .command('d')
      .ended(0)
      .expect("start stop");
}

TEST(Service, CommandsDuringStop) {
  const auto stopping = [] {
    ServiceScenario web{{.start = true, .stop = true}};
    web.at(10s).supervise().ended(0).at(20s).command('d').killed_by(15).expect("start stop");
    return web;
  };
  stopping().command('u').expect("").ended(0).expect("start start").ended(0).expect("start run");
  stopping().command('o').expect("").ended(0).expect("start run");
  stopping().command('d').expect("").ended(0).expect("");
  stopping().command('x').expect("").ended(0).expect("leave");
  stopping().command('o').command('d').ended(0).expect("").expect_status('d', "stopped");
  stopping().command('t').expect("kill 15");
}

// --- control/C

TEST(Service, AHookComesBeforeItsSignal) {
  ServiceScenario web{{.control = "h"}};
  web.at(10s).supervise().command('h').expect("hook h").hook_ended(1).expect("kill 1");
  web.command('h', true).expect("hook h").hook_ended(1).expect("kill 1 group");
  web.command('h').expect("hook h").hook_ended(0).expect("");
  web.command('t').expect("kill 15");
  ServiceScenario down{{.control = "h"}};
  down.at(10s).supervise(true).command('h').expect("");
}

TEST(Service, ASuppressedPauseIsStillAPause) {
  ServiceScenario web{{.control = "pc"}};
  web.at(10s).supervise().command('p').expect("hook p").hook_ended(0).expect("").expect_status('u', "running", true);
  web.command('c').expect("hook c").hook_ended(0).expect("").expect_status('u', "running", false);
}

TEST(Service, DownAsksForTermThenForDown) {
  ServiceScenario both{{.control = "td"}};
  both.at(10s).supervise().command('d').expect("hook t").expect_status('d', "stopping");
  both.hook_ended(1).expect("stop, kill 18, hook d").hook_ended(1).expect("").killed_by(15).expect("");

  ServiceScenario suppressed{{.control = "td"}};
  suppressed.at(10s).supervise().command('d').hook_ended(0).expect("kill 18, hook d").hook_ended(0).expect("");

  ServiceScenario only_term{{.control = "t"}};
  only_term.at(10s).supervise().command('d', true).expect("hook t");
  only_term.hook_ended(1).expect("kill 15 group, kill 18 group");

  ServiceScenario only_down{{.control = "d"}};
  only_down.at(10s).supervise().command('d').expect("stop, kill 18, hook d").hook_ended(0).expect("");
}

TEST(Service, NothingStartsWhileAHookRuns) {
  ServiceScenario web{{.control = "t"}};
  web.at(10s).supervise().at(20s).command('t').ended(0).expect("").expect_no_deadline().hook_ended(1).expect(
      "start run");
}

TEST(Service, AHookMayEndTheProcessItself) {
  ServiceScenario web{{.stop = true, .control = "td"}};
  web.at(10s).supervise().command('d').expect("hook t").ended(0).expect("");
  web.hook_ended(0).expect("start stop").ended(0).expect("");
  web.at(30s).command('u').command('d').ended(0).hook_ended(0).expect("start stop");
}

TEST(Service, CommandsWithoutASignalHaveNoHook) {
  ServiceScenario web{{.control = "uox"}};
  web.at(10s).supervise().command('u').expect("").command('o').expect("").command('x').expect("");
}

// --- readiness, and Supervisor's states

TEST(Service, ReadyIsWhatRunSays) {
  ServiceScenario web{{.start = true}};
  web.at(10s).supervise().said_ready();
  EXPECT_FALSE(web.service().ready);  // that was `start`
  web.ended(0).said_ready();
  EXPECT_TRUE(web.service().ready);
  web.at(20s).ended(0).expect("start run");
  EXPECT_FALSE(web.service().ready);
  web.command('d').ended(0).said_ready();
  EXPECT_FALSE(web.service().ready);
}

TEST(Service, ShowsSupervisorsStates) {
  const Phase running = Running{ProcessId{1}, Instant{10s}}, exited = Exited{}, stopped = Stopped{};
  const auto shown = [](const Service& service, const Phase& phase, bool is_notified = false) {
    return name_of(shown_state(service, phase, is_notified));
  };
  Service service;
  EXPECT_EQ(shown(service, running), "RUNNING");
  EXPECT_EQ(shown(service, running, true), "STARTING");
  service.ready = true;
  EXPECT_EQ(shown(service, running, true), "RUNNING");
  EXPECT_EQ(shown(service, Unknown{ProcessId{1}}), "UNKNOWN");
  EXPECT_EQ(shown(service, exited), "EXITED");
  service.due = Script::Run;
  EXPECT_EQ(shown(service, exited), "BACKOFF");
  service.due.reset();
  service.script = Script::Start;
  EXPECT_EQ(shown(service, running), "STARTING");
  for (const Script script : {Script::Stop, Script::Finish}) {
    service.script = script;
    EXPECT_EQ(shown(service, running), "STOPPING");
  }
  service.script = Script::Run;
  service.want = Want::Down;
  EXPECT_EQ(shown(service, running), "STOPPING");  // even where the signal went to the group
  EXPECT_EQ(shown(service, stopped), "STOPPED");
  service.failed = true;
  EXPECT_EQ(shown(service, exited), "FATAL");
}

TEST(Service, ScriptsAreNamedAsTheirFiles) {
  EXPECT_EQ(name_of(Script::Run), "run");
  EXPECT_EQ(name_of(Script::Start), "start");
  EXPECT_EQ(name_of(Script::Stop), "stop");
  EXPECT_EQ(name_of(Script::Finish), "finish");
}

}  // namespace
}  // namespace upkeep::core
