#include "engine/verbs.h"

#include <csignal>
#include <optional>

#include "unit/engine/daemon_fixture.h"

namespace upkeep::engine {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::string describe(const Answer& answer) {
  if (const auto* refused = std::get_if<Refused>(&answer)) return refused->text();
  if (std::holds_alternative<std::monostate>(answer)) return "done";
  std::string text;
  for (const Row& row : std::get<std::vector<Row>>(answer))
    text += row.group + ":" + row.name + " " + std::to_string(row.status) + " " + row.description + "; ";
  return text.empty() ? "no rows" : text;
}

class VerbsTest : public DaemonTest {
 protected:
  using Asked = std::shared_ptr<std::optional<std::string>>;
  template <class Verb, class... Arguments>
  Asked ask(Verb verb, Arguments... arguments) {
    auto answer = std::make_shared<std::optional<std::string>>();
    ((*verbs_).*verb)(arguments..., [answer](const Answer& given) {
      EXPECT_FALSE(answer->has_value()) << "answered twice";
      *answer = describe(given);
    });
    return answer;
  }
  Asked start(const std::string& name, bool wait = true) { return ask(&Verbs::start, name, wait); }
  Asked stop(const std::string& name, bool wait = true) { return ask(&Verbs::stop, name, wait); }
  static void expect_waits(const Asked& asked) { EXPECT_EQ(*asked, std::nullopt); }
  static void expect(const Asked& asked, const std::string& answer) { EXPECT_EQ(*asked, answer); }

  void add_group() {
    add("pair", "b", 2);
    add("pair", "a", 1);
  }
};

// --- names

TEST_F(VerbsTest, ResolvesNames) {
  add_group();
  start_daemon();
  const auto name_of = [this](const std::string& spec) {
    const auto info = verbs_->process(spec);
    return info ? info->group + ":" + info->name : info.error().text();
  };
  EXPECT_EQ(name_of("cat"), "cat:cat");
  EXPECT_EQ(name_of("cat:cat"), "cat:cat");
  EXPECT_EQ(name_of("pair:a"), "pair:a");
  for (const char* bad :
       {"*", ":", "a", "pair", "pair:", "pair:*", "pair:c", "cat:*", "cat:", "nope", "nope:a", "cat:cat:cat", "CAT"})
    EXPECT_EQ(name_of(bad), std::string{"BAD_NAME: "} + bad);
}

TEST_F(VerbsTest, AProcessNameMayHoldAColon) {
  add("g", "b:c");
  start_daemon();
  ASSERT_TRUE(verbs_->process("g:b:c"));
  EXPECT_EQ(verbs_->process("g:b:c")->name, "b:c");
}

TEST_F(VerbsTest, AWholeGroupIsNoProcess) {
  add_group();
  start_daemon();
  expect(start("pair"), "BAD_NAME: pair");
  expect(stop("pair"), "BAD_NAME: pair");
  expect(start("nope:*"), "BAD_NAME: nope:*");
  expect(ask(&Verbs::start_group, std::string{"nope"}, true), "BAD_NAME: nope");
  expect(ask(&Verbs::stop_group, std::string{"nope"}, true), "BAD_NAME: nope");
  EXPECT_EQ(describe(verbs_->signal_group("nope", "HUP")), "BAD_NAME: nope");
}

TEST_F(VerbsTest, ListsProcessesByGroupThenName) {
  add_group();
  add("alpha", "z");
  start_daemon();
  std::vector<std::string> names;
  for (const ProcessInfo& info : verbs_->processes()) names.push_back(info.group + ":" + info.name);
  EXPECT_THAT(names, ElementsAre("alpha:z", "cat:cat", "pair:a", "pair:b"));
}

TEST_F(VerbsTest, KnowsLogFiles) {
  cat().out.target = {config::LogTarget::Kind::File, "/var/log/cat"};
  start_daemon();
  EXPECT_EQ(verbs_->logfile("cat", Stdio::Out), "/var/log/cat");
  EXPECT_EQ(verbs_->logfile("cat", Stdio::Err).error().code, Refusal::NoFile);
  EXPECT_EQ(verbs_->logfile("nope", Stdio::Out).error().code, Refusal::BadName);
}

// --- start

TEST_F(VerbsTest, StartWaitsUntilItRuns) {
  start_daemon();
  const auto asked = start("cat");
  deliver();
  expect_waits(asked);
  pass(1s);
  expect(asked, "done");
}

TEST_F(VerbsTest, StartWithoutWaitingStillHearsOfTheFork) {
  start_daemon();
  const auto asked = start("cat", false);
  expect_waits(asked);
  deliver();
  expect(asked, "done");
  EXPECT_EQ(state("cat:cat"), "STARTING");
}

TEST_F(VerbsTest, StartRefusesWhatRuns) {
  start_daemon();
  const auto first = start("cat", false);
  expect(start("cat"), "ALREADY_STARTED: cat");  // STARTING
  run("cat");
  expect(start("cat:cat"), "ALREADY_STARTED: cat:cat");
}

TEST_F(VerbsTest, TheCommandIsLookedAtBeforeTheState) {
  start_daemon();
  keeper_.spawns_fail = {wire::SpawnStage::Fork, EAGAIN};
  const auto asked = start("cat");
  deliver();
  expect(asked, "SPAWN_ERROR: cat");
  ASSERT_EQ(state("cat:cat"), "BACKOFF");
  expect(start("cat"), "ALREADY_STARTED: cat");
  cat().command = "/does/not/exist";
  expect(start("cat"), "NO_FILE: can't find command '/does/not/exist'");
  cat().command = "'";
  expect(start("cat"), "NOT_EXECUTABLE: can't parse command \"'\": No closing quotation");
}

TEST_F(VerbsTest, StartTellsOfASpawnError) {
  start_daemon();
  for (const bool wait : {true, false}) {
    keeper_.spawns_fail = {wire::SpawnStage::Pipes, EMFILE};
    const auto asked = start("cat", wait);
    deliver();
    expect(asked, "SPAWN_ERROR: cat");
    expect(stop("cat"), "done");
  }
}

TEST_F(VerbsTest, StartTellsOfAnEarlyDeath) {
  start_daemon();
  const auto asked = start("cat");
  deliver();
  keeper_.exit("cat:cat", 1);
  deliver();
  expect(asked, "SPAWN_ERROR: cat");  // spawnerr says "Exited too quickly"
}

TEST_F(VerbsTest, StartThatIsStoppedEndedAbnormally) {
  start_daemon();
  const auto asked = start("cat");
  deliver();
  const auto stopped = stop("cat");
  expect(asked, "ABNORMAL_TERMINATION: cat");
  expect_waits(stopped);
}

TEST_F(VerbsTest, StartingAStoppingProcessDoesNothing) {
  start_daemon();
  run("cat");
  const auto stopped = stop("cat");
  (void)log();
  expect(start("cat", true), "ABNORMAL_TERMINATION: cat");
  expect(start("cat", false), "done");
  EXPECT_THAT(log(), ElementsAre("WARN process 'cat' already running", "WARN process 'cat' already running"));
  keeper_.die("cat:cat", {ExitStatus::Kind::Signalled, SIGTERM, false});
  deliver();
  expect(stopped, "done");
  EXPECT_EQ(state("cat:cat"), "STOPPED");
}

TEST_F(VerbsTest, AnUnknownProcessIsNotStarted) {
  start_daemon();
  run("cat");
  keeper_.signals_fail = EPERM;
  const auto stopped = stop("cat");
  deliver();
  ASSERT_EQ(state("cat:cat"), "UNKNOWN");
  expect(stopped, "FAILED: unknown problem killing cat (100): signal SIGTERM: Operation not permitted");
  expect(start("cat"), "FAILED: cat is in an unknown process state");
  expect(stop("cat"), "NOT_RUNNING: cat");
}

TEST_F(VerbsTest, AWaitingStopIsToldOfEveryTwoSeconds) {
  start_daemon();
  cat().policy.stop_wait = 60s;
  run("cat");
  const auto stopped = stop("cat");
  EXPECT_THAT(log(), ElementsAre("DEBG killing cat (pid 100) with signal SIGTERM", "INFO waiting for cat to stop"));
  EXPECT_EQ(verbs_->next_deadline(), now_ + 2s);
  pass(1999ms);
  EXPECT_THAT(log(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(log(), ElementsAre("INFO waiting for cat to stop"));
  pass(2s);
  EXPECT_THAT(log(), ElementsAre("INFO waiting for cat to stop"));
  keeper_.exit("cat:cat", 0);
  deliver();
  expect(stopped, "done");
  EXPECT_EQ(verbs_->next_deadline(), std::nullopt);
}

TEST_F(VerbsTest, AStopThatNobodyWaitsForIsNotToldOf) {
  start_daemon();
  run("cat");
  verbs_->stop("cat", false, [](const Answer&) {});
  EXPECT_THAT(log(), ElementsAre("DEBG killing cat (pid 100) with signal SIGTERM"));
  EXPECT_EQ(verbs_->next_deadline(), std::nullopt);
}

TEST_F(VerbsTest, AnAnswerMayAskTheNextThing) {
  start_daemon();
  std::string answers;
  verbs_->start("cat", true, [&](const Answer& started) {
    answers += describe(started);
    verbs_->stop("cat", true, [&](const Answer& stopped) { answers += ", " + describe(stopped); });
  });
  deliver();
  pass(1s);
  keeper_.exit("cat:cat", 0);
  deliver();
  EXPECT_EQ(answers, "done, done");
}

// --- stop

TEST_F(VerbsTest, StopWaitsUntilItIsDead) {
  start_daemon();
  run("cat");
  const auto asked = stop("cat");
  expect_waits(asked);
  expect(stop("cat"), "NOT_RUNNING: cat");  // a second stop does not wait
  keeper_.die("cat:cat", {ExitStatus::Kind::Signalled, SIGTERM, false});
  deliver();
  expect(asked, "done");
}

TEST_F(VerbsTest, StopWithoutWaiting) {
  start_daemon();
  run("cat");
  expect(stop("cat", false), "done");
  EXPECT_EQ(state("cat:cat"), "STOPPING");
}

TEST_F(VerbsTest, StopRefusesWhatDoesNotRun) {
  start_daemon();
  expect(stop("cat"), "NOT_RUNNING: cat");
}

TEST_F(VerbsTest, StopOfABackoffIsImmediate) {
  start_daemon();
  keeper_.spawns_fail = {wire::SpawnStage::Fork, EAGAIN};
  (void)start("cat");
  deliver();
  expect(stop("cat"), "done");
  EXPECT_EQ(state("cat:cat"), "STOPPED");
}

TEST_F(VerbsTest, AStopBeforeTheForkIsKnownSignalsTheChildLater) {
  start_daemon();
  (void)start("cat");
  const auto asked = stop("cat");
  EXPECT_THAT(keeper_.signals, IsEmpty());
  deliver();
  EXPECT_THAT(keeper_.signals, ElementsAre(fakes::FakeKeeper::Signalled{"cat:cat", SIGTERM, false}));
  keeper_.exit("cat:cat", 0);
  deliver();
  expect(asked, "done");
}

// --- groups and all

TEST_F(VerbsTest, StartsAGroupByPriority) {
  add_group();
  start_daemon();
  for (const auto& asked : {start("pair:*"), ask(&Verbs::start_group, std::string{"pair"}, true), start("pair:")}) {
    deliver();
    pass(1s);
    EXPECT_TRUE(asked->has_value());
  }
  EXPECT_THAT(keeper_.starts, ElementsAre("pair:a", "pair:b"));
}

TEST_F(VerbsTest, RowsComeInTheOrderOfCompletion) {
  add_group();
  config_.groups[1].processes[1].command = "/does/not/exist";  // pair:a, refused at once
  config_.groups[1].processes[0].policy.start_time = 5s;
  start_daemon();
  const auto asked = ask(&Verbs::start_all, true);
  deliver();
  pass(1s);
  expect_waits(asked);
  pass(4s);
  expect(asked, "pair:a 20 NO_FILE: can't find command '/does/not/exist'; cat:cat 80 OK; pair:b 80 OK; ");
}

TEST_F(VerbsTest, OmitsWhatIsAsWanted) {
  add_group();
  start_daemon();
  run("pair:a");
  const auto started = ask(&Verbs::start_group, std::string{"pair"}, true);
  deliver();
  pass(1s);
  expect(started, "pair:b 80 OK; ");
  expect(ask(&Verbs::start_group, std::string{"pair"}, true), "no rows");
  const auto stopped = ask(&Verbs::stop_all, true);
  for (const char* name : {"pair:a", "pair:b"}) keeper_.exit(name, 0);
  deliver();
  expect(stopped, "pair:a 80 OK; pair:b 80 OK; ");
  expect(ask(&Verbs::stop_all, true), "no rows");
  expect(ask(&Verbs::stop_group, std::string{"pair"}, true), "no rows");
}

TEST_F(VerbsTest, RowsNameTheProcessAsClientsDo) {
  add_group();
  start_daemon();
  cat().command = config_.groups[1].processes[0].command = "/bin/cat";
  keeper_.spawns_fail = {wire::SpawnStage::Fork, EAGAIN};
  const auto asked = ask(&Verbs::start_all, true);
  deliver();
  expect(asked, "pair:a 50 SPAWN_ERROR: pair:a; pair:b 50 SPAWN_ERROR: pair:b; cat:cat 50 SPAWN_ERROR: cat; ");
}

// --- signals

TEST_F(VerbsTest, SignalsByNameAndNumber) {
  start_daemon();
  run("cat");
  for (const char* text : {"HUP", "sighup", " SIGHUP ", "1"}) {
    EXPECT_EQ(describe(verbs_->signal("cat", text)), "done");
    EXPECT_EQ(keeper_.signals.back(), (fakes::FakeKeeper::Signalled{"cat:cat", SIGHUP, false})) << text;
  }
  EXPECT_EQ(describe(verbs_->signal("cat", "0")), "done");
  EXPECT_EQ(describe(verbs_->signal("cat", "34")), "done");
  EXPECT_EQ(describe(verbs_->signal("cat", "RTMAX")), "done");
  EXPECT_EQ(state("cat:cat"), "RUNNING") << "a signal is no stop";
}

TEST_F(VerbsTest, RefusesSignalsThatAreNone) {
  start_daemon();  // not even running: the signal is looked at first
  for (const char* bad : {"NOPE", "35", "65", "-1", "SIG", "HUP TERM"})
    EXPECT_EQ(describe(verbs_->signal("cat", bad)), std::string{"BAD_SIGNAL: "} + bad);
  EXPECT_EQ(describe(verbs_->signal("cat", "HUP")), "NOT_RUNNING: cat");
  EXPECT_EQ(describe(verbs_->signal("nope", "HUP")), "BAD_NAME: nope");
}

TEST_F(VerbsTest, SignalsWhatCanBeSignalled) {
  add_group();
  start_daemon();
  run("pair:b");
  EXPECT_EQ(describe(verbs_->signal_all("HUP")), "pair:b 80 OK; ");
  EXPECT_EQ(describe(verbs_->signal_group("pair", "HUP")), "pair:b 80 OK; ");
  EXPECT_EQ(describe(verbs_->signal("pair:*", "HUP")), "pair:b 80 OK; ");
  EXPECT_EQ(describe(verbs_->signal_all("NOPE")), "pair:b 11 BAD_SIGNAL: NOPE; ");
  EXPECT_EQ(keeper_.signals.size(), 3u);
  (void)stop("pair:b", false);  // STOPPING can still be signalled
  EXPECT_EQ(describe(verbs_->signal("pair:b", "HUP")), "done");
}

TEST_F(VerbsTest, PassesOnWhatConcernsTheDaemon) {
  start_daemon();
  verbs_->shutdown();
  verbs_->restart();
  verbs_->restart();
  EXPECT_EQ(shutdowns_, 1);
  EXPECT_EQ(restarts_, 2);
}

}  // namespace
}  // namespace upkeep::engine
