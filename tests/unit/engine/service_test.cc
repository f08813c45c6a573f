// The life of one service directory: its pace, its commands and its extra scripts.
#include "engine/service.h"

#include <csignal>

#include "unit/engine/service_fixture.h"

namespace upkeep::engine {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ServiceTest : public ServicesTest {
 public:
  const wire::SpawnPlan& plan(const std::string& service) { return keeper_.plans.at(slot(service)); }
  std::string hook(const std::string& service) const { return slot(service) + "!control-h"; }
  void ends_hook(const std::string& service, int code) {
    end_child(hook(service), {ExitStatus::Kind::Exited, code, false});
    pass();
  }
  // The arguments of the notify scripts, in the order of their start; with N for the pid.
  std::vector<std::string> notified(int known_pid) {
    std::vector<std::string> all;
    for (const std::string& name : keeper_.starts) {
      if (name.find("!notify") == std::string::npos) continue;
      std::string words;
      const auto argv = keeper_.plans.at(name).argv.views();
      for (std::size_t i = 1; i < argv.size(); ++i)
        words.append(i > 1 ? " " : "").append(argv[i] == std::to_string(known_pid) ? "N" : argv[i]);
      all.push_back(std::move(words));
    }
    return all;
  }
};

// --- starts

TEST_F(ServiceTest, StartsAtOnce) {
  make("a");
  start();
  EXPECT_THAT(keeper_.starts, ElementsAre(slot("a")));
  EXPECT_EQ(plan("a").file, "./run");
  EXPECT_THAT(plan("a").argv.views(), ElementsAre("./run"));
  EXPECT_EQ(plan("a").directory, path("a"));
  EXPECT_EQ(plan("a").complaint->text, "supervise: fatal: unable to start a/run");
  EXPECT_EQ(plan("a").complaint->exit_status, 111);
  EXPECT_EQ(record("a").pid, static_cast<std::uint32_t>(pid("a")));
}

TEST_F(ServiceTest, StartsOnceASecondAtMost) {
  make("a");
  start();
  pass(300ms);
  ends("a", 1);
  EXPECT_EQ(state("a"), "BACKOFF");
  EXPECT_EQ(svstat("a"), "down u");
  pass(699ms);
  EXPECT_FALSE(runs("a"));
  pass(1ms);
  EXPECT_TRUE(runs("a"));
  pass(1s);
  ends("a", 0);
  EXPECT_TRUE(runs("a")) << "at once: a second is over";
}

TEST_F(ServiceTest, NeverGivesUp) {
  make("a");
  start();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(runs("a")) << i;
    ends("a", 111);
    pass(1s);
  }
  EXPECT_THAT(keeper_.starts, SizeIs(51));
}

TEST_F(ServiceTest, ADownFileKeepsItDown) {
  make("a", {"run", "down"});
  start();
  EXPECT_EQ(state("a"), "STOPPED");
  EXPECT_EQ(svstat("a"), "down d");
  EXPECT_TRUE(is_supervised("a"));
  svc("a", "u");
  EXPECT_EQ(svstat("a"), "up u");
}

TEST_F(ServiceTest, AForkThatFailsIsTriedAgainAfterAMinute) {
  make("a");
  keeper_.spawns_fail = {wire::SpawnStage::Fork, EAGAIN};
  start();
  EXPECT_EQ(state("a"), "BACKOFF");
  keeper_.spawns_fail.reset();
  pass(59s);
  EXPECT_FALSE(runs("a"));
  pass(1s);
  EXPECT_TRUE(runs("a"));
}

TEST_F(ServiceTest, TheStatusSaysSinceWhen) {
  make("a");
  start();
  const Tai64n since = record("a").since;
  EXPECT_EQ(fakes::content(path("a") + "/supervise/status").size(), wire::kStatusBytes);
  kill_engine();
  EXPECT_EQ(record("a").since, since) << "the same process";
  svc("a", "p");
  EXPECT_EQ(record("a").since, since);
  is_killed("a");
  EXPECT_NE(record("a").since, since);
}

// --- commands

TEST_F(ServiceTest, LettersAreSignals) {
  make("a");
  start();
  svc("a", "pchaitqk12w");
  EXPECT_THAT(signals("a"), ElementsAre(SIGSTOP, SIGCONT, SIGHUP, SIGALRM, SIGINT, SIGTERM, SIGQUIT, SIGKILL, SIGUSR1,
                                        SIGUSR2, SIGWINCH));
  EXPECT_EQ(svstat("a"), "up u");
}

TEST_F(ServiceTest, PauseIsShown) {
  make("a");
  start();
  svc("a", "p");
  EXPECT_EQ(svstat("a"), "paused u");
  kill_engine();
  EXPECT_EQ(svstat("a"), "paused u");
  svc("a", "c");
  EXPECT_EQ(svstat("a"), "up u");
}

TEST_F(ServiceTest, UnknownLettersMeanNothing) {
  make("a");
  start();
  svc("a", "zZ\n?");
  EXPECT_THAT(signals("a"), IsEmpty());
  svc("a", "t");
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM)) << "those before it are gone";
}

TEST_F(ServiceTest, ManyCommandsAtOnceComeInOrder) {
  make("a");
  start();
  svc("a", "duo");
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGCONT));
  EXPECT_EQ(svstat("a"), "up");
  is_killed("a");
  pass(1s);
  EXPECT_FALSE(runs("a"));
  EXPECT_EQ(state("a"), "EXITED");
}

TEST_F(ServiceTest, CommandsWaitUntilTheKeeperHasAnswered) {
  make("a");
  create(std::nullopt);
  engine_->supervisor.autostart();
  put_in_fifo("a", "d");
  engine_->loop.turn(Duration{0});
  EXPECT_EQ(svstat("a"), "down u");
  pass();
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGCONT));
  EXPECT_EQ(svstat("a"), "up d");
}

TEST_F(ServiceTest, CommandsOfATimeWithoutAnEngineAreTaken) {
  make("a");
  start();
  engine_.reset();
  put_in_fifo("a", "td");
  recover();
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGTERM, SIGCONT));
  EXPECT_EQ(svstat("a"), "up d");
}

TEST_F(ServiceTest, TermWhileItStopsIsSentAgain) {
  make("a");
  start();
  svc("a", "d");
  svc("a", "d");
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGCONT, SIGTERM, SIGCONT));
}

TEST_F(ServiceTest, UpWhileItStopsMeansARestart) {
  make("a");
  start();
  pass(2s);
  svc("a", "du");
  EXPECT_EQ(svstat("a"), "up u");
  is_killed("a");
  EXPECT_TRUE(runs("a"));
}

TEST_F(ServiceTest, WhatSupervisorAsksForIsTheSame) {
  make("a");
  start();
  pass(2s);
  find("a")->feed(core::StopAsked{});
  pass();
  EXPECT_EQ(state("a"), "STOPPING");
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGCONT));
  is_killed("a");
  EXPECT_EQ(state("a"), "STOPPED");
  EXPECT_EQ(svstat("a"), "down d");
  kill_engine();
  EXPECT_EQ(state("a"), "STOPPED");
  find("a")->feed(core::StartAsked{});
  pass();
  EXPECT_EQ(svstat("a"), "up u");
}

// --- deaths between any two messages

TEST(ServiceDeaths, WhenItIsStartedAgain) {
  for_every_death(
      [](Story& story) {
        story.make("a");
        story.start();
        story.pass(5s);
      },
      [](Story& story) { story.ends("a", 1); },
      [](Story& story) {
        EXPECT_EQ(story.svstat("a"), "up u");
        EXPECT_TRUE(story.runs("a"));
        EXPECT_EQ(story.record("a").pid, static_cast<std::uint32_t>(story.pid("a")));
        EXPECT_THAT(story.keeper_.starts, SizeIs(2));
      });
}

TEST(ServiceDeaths, AtDown) {
  for_every_death(
      [](Story& story) {
        story.make("a");
        story.start();
        story.put_in_fifo("a", "d");
      },
      [](Story& story) {
        story.pass();
        story.is_killed("a");
      },
      [](Story& story) {
        EXPECT_THAT(story.signals("a"), Contains(SIGTERM));
        EXPECT_THAT(story.signals("a"), Contains(SIGCONT));
        if (story.runs("a")) story.is_killed("a");
        EXPECT_EQ(story.svstat("a"), "down d");
        story.pass(5s);
        EXPECT_FALSE(story.runs("a"));
      });
}

// By a user of supervisorctl, whose order waits in no fifo.
TEST(ServiceDeaths, AtAStop) {
  for_every_death(
      [](Story& story) {
        story.make("a");
        story.start();
        story.svc("a", "p");
      },
      [](Story& story) {
        story.find("a")->feed(core::StopAsked{});
        story.pass();
      },
      [](Story& story) {
        const auto signals = story.signals("a");
        ASSERT_FALSE(signals.empty());
        if (signals.size() == 1) {  // nothing was heard of the stop
          EXPECT_EQ(story.svstat("a"), "paused u");
          EXPECT_EQ(story.state("a"), "RUNNING");
          return;
        }
        EXPECT_EQ(std::ranges::count(signals, SIGTERM), 1);
        EXPECT_EQ(signals[1], SIGTERM);
        EXPECT_GE(signals.size(), 3u);
        EXPECT_EQ(signals.back(), SIGCONT);
        EXPECT_EQ(story.svstat("a"), "up d");
      });
}

TEST(ServiceDeaths, AtASignal) {
  for_every_death(
      [](Story& story) {
        story.make("a");
        story.start();
        story.put_in_fifo("a", "h");
      },
      [](Story& story) { story.pass(); }, [](Story& story) { EXPECT_THAT(story.signals("a"), Contains(SIGHUP)); });
}

TEST(ServiceDeaths, AtUp) {
  for_every_death(
      [](Story& story) {
        story.make("a", {"run", "down"});
        story.start();
        story.put_in_fifo("a", "u");
      },
      [](Story& story) { story.pass(); },
      [](Story& story) {
        EXPECT_EQ(story.svstat("a"), "up u");
        EXPECT_THAT(story.keeper_.starts, SizeIs(1));
      });
}

TEST(ServiceDeaths, AtOnce) {
  for_every_death(
      [](Story& story) {
        story.make("a", {"run", "down"});
        story.start();
        story.put_in_fifo("a", "o");
      },
      [](Story& story) { story.pass(); },
      [](Story& story) {
        EXPECT_EQ(story.svstat("a"), "up");
        EXPECT_THAT(story.keeper_.starts, SizeIs(1));
        story.ends("a", 0);
        story.pass(5s);
        EXPECT_FALSE(story.runs("a"));
      });
}

TEST(ServiceDeaths, InAHook) {
  for_every_death(
      [](Story& story) {
        story.make("a", {"run", "control/t"});
        story.start();
        story.put_in_fifo("a", "t");
      },
      [](Story& story) {
        story.pass();
        story.end_child(story.slot("a") + "!control-t", {ExitStatus::Kind::Exited, 1, false});
        story.pass();
      },
      [](Story& story) {
        for (const std::string& errand : story.errands()) story.end_child(errand, {ExitStatus::Kind::Exited, 1, false});
        story.pass();
        EXPECT_THAT(story.signals("a"), Contains(SIGTERM));
        EXPECT_TRUE(story.runs("a"));
        EXPECT_EQ(story.slots_known(), std::vector{story.slot("a")}) << "no errand is left";
        story.svc("a", "h");
        EXPECT_THAT(story.signals("a"), Contains(SIGHUP)) << "the next command is taken";
      });
}

// --- hooks and notify

TEST_F(ServiceTest, AHookReplacesTheSignal) {
  make("a", {"run", "control/h"});
  start();
  svc("a", "h");
  EXPECT_THAT(signals("a"), IsEmpty());
  EXPECT_EQ(file_of(hook("a")), "./control/h");
  svc("a", "t");
  EXPECT_THAT(signals("a"), IsEmpty()) << "one command at a time";
  ends_hook("a", 0);
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM));
  EXPECT_EQ(slots_known(), std::vector{slot("a")});
}

TEST_F(ServiceTest, AHookThatFailsChangesNothing) {
  make("a", {"run", "control/h"});
  start();
  svc("a", "h");
  ends_hook("a", 1);
  EXPECT_THAT(signals("a"), ElementsAre(SIGHUP));
}

TEST_F(ServiceTest, AHookThatCannotRunChangesNothing) {
  make("a", {"run", "control/h"});
  start();
  keeper_.spawns_fail = {wire::SpawnStage::Fork, EAGAIN};
  svc("a", "h");
  EXPECT_THAT(signals("a"), ElementsAre(SIGHUP));
  EXPECT_EQ(slots_known(), std::vector{slot("a")});
}

TEST_F(ServiceTest, AHookGoesOnThroughAnEngine) {
  make("a", {"run", "control/h"});
  start();
  svc("a", "h");
  kill_engine();
  EXPECT_THAT(signals("a"), IsEmpty());
  ends_hook("a", 0);
  EXPECT_THAT(signals("a"), IsEmpty());
  svc("a", "t");
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM));
}

TEST_F(ServiceTest, AHookThatEndedMeanwhileCounts) {
  make("a", {"run", "control/h"});
  start();
  svc("a", "h");
  engine_.reset();
  end_child(hook("a"), {ExitStatus::Kind::Exited, 0, false});
  recover();
  EXPECT_THAT(signals("a"), IsEmpty());
  EXPECT_EQ(slots_known(), std::vector{slot("a")});
  svc("a", "t");
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM));
}

// Nobody reads what it says, but it must be able to say it.
TEST_F(ServiceTest, AHookWritesWhereTheDaemonDoes) {
  make("a", {"run", "control/h"});
  start();
  svc("a", "h");
  const auto& stdio = keeper_.plans.at(hook("a")).stdio;
  EXPECT_EQ(stdio[0], wire::StdioSource::Null);
  EXPECT_EQ(stdio[1], wire::StdioSource::Own);
  EXPECT_EQ(stdio[2], wire::StdioSource::Own);
  ends_hook("a", 0);
}

TEST_F(ServiceTest, NotifyIsToldOfEachScript) {
  make("a", {"run", "notify"});
  start();
  const int child = pid("a");
  ends("a", 3);
  EXPECT_THAT(notified(child), ElementsAre("run start N 0", "run exit N 3"));
  for (const std::string& errand : errands()) end_child(errand, {ExitStatus::Kind::Exited, 0, false});
  pass();
  EXPECT_THAT(errands(), IsEmpty());
}

TEST_F(ServiceTest, NotifyKnowsThePidOfAnotherEngine) {
  make("a", {"run", "notify"});
  start();
  const int child = pid("a");
  engine_.reset();
  end_child(slot("a"), {ExitStatus::Kind::Signalled, SIGKILL, false});
  recover();
  EXPECT_THAT(notified(child), Contains("run killed N 9"));
}

// --- scripts around run

TEST_F(ServiceTest, FinishIsToldHowRunEnded) {
  make("a", {"run", "finish"});
  start();
  ends("a", 7);
  EXPECT_THAT(plan("a").argv.views(), ElementsAre("./finish", "7", "0"));
  EXPECT_EQ(state("a"), "STOPPING");
  ends("a", 0);
  pass(1s);
  is_killed("a", SIGSEGV);
  EXPECT_THAT(plan("a").argv.views(), ElementsAre("./finish", "-1", "11"));
}

TEST_F(ServiceTest, FinishKnowsHowRunEndedInAnotherEngine) {
  make("a", {"run", "finish"});
  start();
  engine_.reset();
  end_child(slot("a"), {ExitStatus::Kind::Exited, 7, false});
  recover();
  EXPECT_THAT(plan("a").argv.views(), ElementsAre("./finish", "7", "0"));
}

TEST_F(ServiceTest, StartComesBeforeAndStopAfterRun) {
  make("a", {"run", "start", "stop"});
  start();
  EXPECT_EQ(plan("a").file, "./start");
  EXPECT_EQ(state("a"), "STARTING");
  ends("a", 0);
  EXPECT_EQ(plan("a").file, "./run");
  EXPECT_EQ(state("a"), "RUNNING");
  svc("a", "d");
  is_killed("a");
  EXPECT_EQ(plan("a").file, "./stop");
  ends("a", 0);
  EXPECT_EQ(state("a"), "STOPPED");
  EXPECT_EQ(fakes::content(path("a") + "/supervise/status").size(), wire::kEncoreStatusBytes);
}

TEST_F(ServiceTest, TimeoutKillKills) {
  make("a", {"run", "timeout-kill"});
  write("a", "timeout-kill", "3000\n");
  start();
  svc("a", "d");
  pass(2999ms);
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGCONT));
  pass(1ms);
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGCONT, SIGKILL));
}

TEST_F(ServiceTest, TimeoutKillKillsInTheNextEngine) {
  make("a", {"run", "timeout-kill"});
  write("a", "timeout-kill", "3000\n");
  start();
  svc("a", "d");
  kill_engine();
  pass(2999ms);
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGCONT, SIGCONT)) << "CONT may have been missing";
  pass(1ms);
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGCONT, SIGCONT, SIGKILL));
}

TEST_F(ServiceTest, WithoutTimeoutKillNothingIsKilled) {
  make("a");
  start();
  svc("a", "d");
  pass(std::chrono::hours{1000});
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGCONT));
  EXPECT_EQ(engine_->supervisor.next_deadline(), Instant::max());
}

// --- readiness

class NotifiedServiceTest : public ServiceTest {
 public:
  NotifiedServiceTest() {
    make("a", {"run", "notification-fd"});
    write("a", "notification-fd", "5\n");
  }
  void say(const std::string& text) {
    const Fd& write = mortal_keeper_.passed.at(slot("a")).back();
    ASSERT_EQ(::write(write.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
};

TEST_F(NotifiedServiceTest, IsRunningOnceItHasSaidSo) {
  start();
  EXPECT_EQ(plan("a").notification_fd, 5);
  EXPECT_EQ(state("a"), "STARTING");
  say("almost");
  pass();
  EXPECT_EQ(state("a"), "STARTING");
  say("\n");
  pass();
  EXPECT_EQ(state("a"), "RUNNING");
  EXPECT_THAT(deposits(), testing::Not(Contains(EndsWith(":ready"))));
  kill_engine();
  EXPECT_EQ(state("a"), "RUNNING");
}

TEST_F(NotifiedServiceTest, CanSaySoWhileThereIsNoEngine) {
  start();
  engine_.reset();
  say("ready\n");
  recover();
  EXPECT_EQ(state("a"), "RUNNING");
}

TEST_F(NotifiedServiceTest, ClosingSaysNothing) {
  start();
  mortal_keeper_.passed.clear();
  pass();
  EXPECT_EQ(state("a"), "STARTING");
  EXPECT_THAT(deposits(), testing::Not(Contains(EndsWith(":ready"))));
}

TEST(ServiceDeaths, WhenItSaysThatItIsReady) {
  for_every_death(
      [](Story& story) {
        story.make("a", {"run", "notification-fd"});
        story.write("a", "notification-fd", "5\n");
        story.start();
        ASSERT_EQ(::write(story.mortal_keeper_.passed.at(story.slot("a")).back().get(), "\n", 1), 1);
      },
      [](Story& story) { story.pass(); },
      [](Story& story) {
        EXPECT_EQ(story.state("a"), "RUNNING");
        EXPECT_THAT(story.deposits(), testing::Not(Contains(EndsWith(":ready"))));
      });
}

// --- encore's log script

TEST_F(ServiceTest, ALogScriptReadsWhatRunWrites) {
  make("a", {"run", "log"});
  start();
  const std::string log_slot = slot("a") + "#log";
  EXPECT_THAT(names(), ElementsAre("a", "a/log"));
  EXPECT_EQ(file_of(log_slot), "./log");
  ASSERT_EQ(::write(mortal_keeper_.passed.at(slot("a")).at(0).get(), "x", 1), 1);
  kill_engine();
  char byte;
  EXPECT_EQ(::read(mortal_keeper_.passed.at(log_slot).at(0).get(), &byte, 1), 1);
  const std::string bytes = fakes::content(path("a") + "/supervise/status");
  EXPECT_EQ(bytes.size(), 2 * wire::kEncoreStatusBytes);
  const auto status = wire::decode_status(bytes);
  ASSERT_TRUE(status && status->log);
  EXPECT_EQ(status->log->pid, static_cast<std::uint32_t>(keeper_.pid(log_slot)));
}

TEST_F(ServiceTest, CommandsCanBeForTheLogScript) {
  make("a", {"run", "log"});
  start();
  const std::string log_slot = slot("a") + "#log";
  svc("a", "Lhlt");
  using Signalled = fakes::FakeKeeper::Signalled;
  EXPECT_THAT(keeper_.signals, ElementsAre(Signalled{log_slot, SIGHUP, false}, Signalled{slot("a"), SIGTERM, false}));
}

TEST_F(ServiceTest, CommandsCanBeForTheGroup) {
  make("a");
  start();
  svc("a", "+h=h");
  using Signalled = fakes::FakeKeeper::Signalled;
  EXPECT_THAT(keeper_.signals, ElementsAre(Signalled{slot("a"), SIGHUP, true}, Signalled{slot("a"), SIGHUP, false}));
}

TEST(ServiceDeaths, WhomACommandIsForIsNotForgotten) {
  for_every_death(
      [](Story& story) {
        story.make("a", {"run", "log"});
        story.start();
        story.put_in_fifo("a", "Lh");
      },
      [](Story& story) { story.pass(); },
      [](Story& story) {
        ASSERT_FALSE(story.keeper_.signals.empty());
        for (const auto& signal : story.keeper_.signals) EXPECT_EQ(signal.slot, story.slot("a") + "#log");
      });
}

TEST_F(ServiceTest, ALogScriptEndsAfterItsService) {
  make("a", {"run", "log"});
  start();
  const std::string log_slot = slot("a") + "#log";
  svc("a", "dx");
  EXPECT_TRUE(keeper_.is_alive(log_slot));
  is_killed("a");
  svc("a", "ou");
  EXPECT_FALSE(runs("a")) << "it has left";
  end_child(log_slot, {ExitStatus::Kind::Signalled, SIGTERM, false});
  pass();
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_FALSE(is_supervised("a"));
}

// --- what cannot be written

TEST_F(ServiceTest, AStatusThatCannotBeWrittenIsToldAndChangesNothing) {
  make("a");
  start();
  std::filesystem::create_directory(path("a") + "/supervise/status.new");
  svc("a", "p");
  EXPECT_THAT(log(), HasSubstr("supervise: warning: unable to open a/supervise/status.new: is a directory"));
  EXPECT_EQ(state("a"), "RUNNING");
  std::filesystem::remove(path("a") + "/supervise/status.new");
  svc("a", "h");
  EXPECT_EQ(svstat("a"), "paused u");
}

}  // namespace
}  // namespace upkeep::engine
