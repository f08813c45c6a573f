// What a process's life leaves in the activity log and in its note; the life itself is core's and tested there.
#include "engine/supervised_process.h"

#include <csignal>

#include "unit/engine/daemon_fixture.h"

namespace upkeep::engine {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class SupervisedProcessTest : public DaemonTest {
 protected:
  void start() {
    start_daemon();
    process("cat:cat").feed(core::StartAsked{});
  }
  void run_cat() {
    start_daemon();
    run("cat");
    ASSERT_EQ(state("cat:cat"), "RUNNING");
  }
  core::ProcessNote note() { return core::decode_process_note(keeper_.note("cat:cat")).value(); }
  const fakes::FakeKeeper::Signalled kTerm{"cat:cat", SIGTERM, false}, kKill{"cat:cat", SIGKILL, false};
  static constexpr ExitStatus kTerminated{ExitStatus::Kind::Signalled, SIGTERM, false};
};

// --- log lines (Supervisor process.py)

TEST_F(SupervisedProcessTest, TellsOfAStart) {
  start();
  EXPECT_THAT(log(), IsEmpty());
  deliver();
  EXPECT_THAT(log(), ElementsAre("INFO spawned: 'cat' with pid 100"));
  EXPECT_EQ(state("cat:cat"), "STARTING");
  pass(999ms);
  EXPECT_THAT(log(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(log(), ElementsAre("INFO success: cat entered RUNNING state, process has stayed up for > than 1 seconds "
                                 "(startsecs)"));
}

TEST_F(SupervisedProcessTest, TellsOfAStartWithoutStartsecs) {
  cat().policy.start_time = 0s;
  start();
  deliver();
  EXPECT_THAT(log(), ElementsAre("INFO spawned: 'cat' with pid 100",
                                 "INFO success: cat entered RUNNING state, process has stayed up for > than 0 seconds "
                                 "(startsecs)"));
}

TEST_F(SupervisedProcessTest, TellsOfAnExpectedExit) {
  run_cat();
  keeper_.exit("cat:cat", 0);
  deliver();
  EXPECT_THAT(log(), ElementsAre("INFO exited: cat (exit status 0; expected)"));
  EXPECT_EQ(spawn_error("cat:cat"), "");
}

TEST_F(SupervisedProcessTest, TellsOfAnUnexpectedExit) {
  cat().policy.restart = core::Restart::Never;
  run_cat();
  keeper_.exit("cat:cat", 3);
  deliver();
  EXPECT_THAT(log(), ElementsAre("WARN exited: cat (exit status 3; not expected)"));
  EXPECT_EQ(spawn_error("cat:cat"), "Bad exit code 3");
  EXPECT_EQ(process("cat:cat").info({}).exit_status, 3);
}

TEST_F(SupervisedProcessTest, TellsOfACrash) {
  cat().policy.restart = core::Restart::Never;
  run_cat();
  keeper_.die("cat:cat", {ExitStatus::Kind::Signalled, SIGSEGV, true});
  deliver();
  EXPECT_THAT(log(), ElementsAre("WARN exited: cat (terminated by SIGSEGV (core dumped); not expected)"));
  EXPECT_EQ(spawn_error("cat:cat"), "Bad exit code -1");
  EXPECT_EQ(process("cat:cat").info({}).exit_status, -1);
}

TEST_F(SupervisedProcessTest, TellsOfARestart) {
  run_cat();
  keeper_.exit("cat:cat", 1);
  deliver();
  EXPECT_THAT(log(), ElementsAre("WARN exited: cat (exit status 1; not expected)", "INFO spawned: 'cat' with pid 101"));
  EXPECT_EQ(spawn_error("cat:cat"), "") << "forgotten with the next start";
}

TEST_F(SupervisedProcessTest, TellsOfAnExitThatCameTooSoonEvenWithStatusZero) {
  start();
  deliver();
  (void)log();
  keeper_.exit("cat:cat", 0);
  deliver();
  EXPECT_THAT(log(), ElementsAre("WARN exited: cat (exit status 0; not expected)"));
  EXPECT_EQ(state("cat:cat"), "BACKOFF");
  EXPECT_EQ(spawn_error("cat:cat"), "Exited too quickly (process log may have details)");
  EXPECT_EQ(process("cat:cat").info({}).exit_status, 0);
}

TEST_F(SupervisedProcessTest, TellsThatItGaveUp) {
  cat().policy.start_retries = 0;
  start();
  deliver();
  (void)log();
  keeper_.exit("cat:cat", 2);
  deliver();
  EXPECT_THAT(log(), ElementsAre("WARN exited: cat (exit status 2; not expected)",
                                 "INFO gave up: cat entered FATAL state, too many start retries too quickly"));
}

TEST_F(SupervisedProcessTest, TellsOfAStop) {
  run_cat();
  process("cat:cat").feed(core::StopAsked{});
  EXPECT_THAT(log(), ElementsAre("DEBG killing cat (pid 100) with signal SIGTERM"));
  EXPECT_THAT(keeper_.signals, ElementsAre(fakes::FakeKeeper::Signalled{"cat:cat", SIGTERM, false}));
  keeper_.die("cat:cat", kTerminated);
  deliver();
  EXPECT_THAT(log(), ElementsAre("WARN stopped: cat (terminated by SIGTERM)"));
}

TEST_F(SupervisedProcessTest, AStopWithAnExpectedStatusIsNoWarning) {
  run_cat();
  process("cat:cat").feed(core::StopAsked{});
  keeper_.exit("cat:cat", 0);
  (void)log();
  deliver();
  EXPECT_THAT(log(), ElementsAre("INFO stopped: cat (exit status 0)"));
}

TEST_F(SupervisedProcessTest, TellsOfAKillAndOfTheGroup) {
  cat().policy.stop_as_group = cat().policy.kill_as_group = true;
  run_cat();
  process("cat:cat").feed(core::StopAsked{});
  (void)log();
  supervisor_->find("cat", "cat");
  pass(10s);
  EXPECT_THAT(log(), ElementsAre("WARN killing 'cat' (100) with SIGKILL",
                                 "DEBG killing cat (pid 100) process group with signal SIGKILL"));
  EXPECT_THAT(keeper_.signals, ElementsAre(fakes::FakeKeeper::Signalled{"cat:cat", SIGTERM, true},
                                           fakes::FakeKeeper::Signalled{"cat:cat", SIGKILL, true}));
}

TEST_F(SupervisedProcessTest, TellsOfAStartThatIsNotNeeded) {
  run_cat();
  process("cat:cat").feed(core::StartAsked{});
  EXPECT_THAT(log(), ElementsAre("WARN process 'cat' already running"));
}

TEST_F(SupervisedProcessTest, TellsOfAStopInBackoff) {
  start();
  deliver();
  keeper_.exit("cat:cat", 1);
  deliver();
  (void)log();
  process("cat:cat").feed(core::StopAsked{});
  EXPECT_THAT(log(), ElementsAre("DEBG Attempted to kill cat, which is in BACKOFF state."));
  EXPECT_EQ(state("cat:cat"), "STOPPED");
}

TEST_F(SupervisedProcessTest, TellsOfASignalByAUser) {
  run_cat();
  EXPECT_TRUE(process("cat:cat").send_signal(SIGHUP));
  EXPECT_THAT(log(), ElementsAre("DEBG sending cat (pid 100) sig SIGHUP"));
  EXPECT_THAT(keeper_.signals, ElementsAre(fakes::FakeKeeper::Signalled{"cat:cat", SIGHUP, false}));
}

TEST_F(SupervisedProcessTest, ASignalBeforeTheBirthReachesNobody) {
  start();
  (void)log();
  const auto sent = process("cat:cat").send_signal(SIGHUP);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().text, "attempted to send cat sig SIGHUP but it wasn't running");
  EXPECT_THAT(log(), ElementsAre("DEBG attempted to send cat sig SIGHUP but it wasn't running"));
  EXPECT_THAT(keeper_.signals, IsEmpty());
}

TEST_F(SupervisedProcessTest, ASignalThatComesTooLateChangesNothing) {
  run_cat();
  keeper_.signals_fail = ESRCH;
  EXPECT_TRUE(process("cat:cat").send_signal(SIGHUP));
  (void)log();
  deliver();
  EXPECT_THAT(log(), ElementsAre("DEBG unable to signal cat (pid 100), it probably just now exited on its own: [Errno "
                                 "3] No such process"));
  EXPECT_EQ(state("cat:cat"), "RUNNING");
  process("cat:cat").feed(core::StopAsked{});
  (void)log();
  deliver();
  EXPECT_THAT(log(), ElementsAre("DEBG unable to signal cat (pid 100), it probably just exited on its own: [Errno 3] "
                                 "No such process"));
  EXPECT_EQ(state("cat:cat"), "STOPPING");
}

TEST_F(SupervisedProcessTest, AUsersSignalThatIsNotAllowedIsToldAsSuch) {
  run_cat();
  keeper_.signals_fail = EPERM;
  EXPECT_TRUE(process("cat:cat").send_signal(SIGHUP));
  (void)log();
  deliver();
  EXPECT_THAT(log(), ElementsAre("CRIT unknown problem sending sig cat (100): signal SIGHUP: Operation not permitted"));
  EXPECT_EQ(state("cat:cat"), "UNKNOWN");
}

TEST_F(SupervisedProcessTest, EveryExitIsASignalToTheDaemon) {
  run_cat();
  keeper_.exit("cat:cat", 0);
  deliver();
  EXPECT_THAT(log_sink_->bytes, testing::EndsWith(std::string{kChildQuit} + "\n"));
}

TEST_F(SupervisedProcessTest, TellsOfASignalThatIsNotAllowed) {
  run_cat();
  keeper_.signals_fail = EPERM;
  process("cat:cat").feed(core::StopAsked{});
  (void)log();
  deliver();
  EXPECT_THAT(log(), ElementsAre("CRIT unknown problem killing cat (100): signal SIGTERM: Operation not permitted"));
  EXPECT_EQ(state("cat:cat"), "UNKNOWN");
}

// --- starts that fail

TEST_F(SupervisedProcessTest, ACommandThatIsMissingIsASpawnErrorAtOnce) {
  cat().command = "/does/not/exist";
  start();
  EXPECT_THAT(log(), ElementsAre("INFO spawnerr: can't find command '/does/not/exist'"));
  EXPECT_EQ(state("cat:cat"), "BACKOFF");
  EXPECT_THAT(keeper_.starts, IsEmpty());
  EXPECT_NE(process("cat:cat").info({}).start, 0) << "an attempt, too";
  EXPECT_EQ(process("cat:cat").info({}).stop, 0);
}

TEST_F(SupervisedProcessTest, ACommandThatIsMissingForGoodIsFatal) {
  cat().command = "/does/not/exist";
  cat().policy.start_retries = 1;
  start();
  (void)log();
  pass(1s);
  EXPECT_THAT(log(), ElementsAre("INFO spawnerr: can't find command '/does/not/exist'",
                                 "INFO gave up: cat entered FATAL state, too many start retries too quickly"));
}

TEST_F(SupervisedProcessTest, NamesWhatTheKeeperCouldNotDo) {
  using wire::SpawnStage;
  const std::vector<std::tuple<SpawnStage, int, std::string>> cases{
      {SpawnStage::Fork, EAGAIN, "Too many processes in process table to spawn 'cat'"},
      {SpawnStage::Fork, ENOMEM, "unknown error during fork for 'cat': ENOMEM"},
      {SpawnStage::Pipes, EMFILE, "too many open files to spawn 'cat'"},
      {SpawnStage::Pipes, ENFILE, "unknown error making dispatchers for 'cat': ENFILE"}};
  cat().policy.start_retries.reset();
  start_daemon();
  for (const auto& [stage, error, text] : cases) {
    keeper_.spawns_fail = {stage, error};
    process("cat:cat").feed(core::StartAsked{});
    deliver();
    EXPECT_THAT(log(), Contains("INFO spawnerr: " + text));
    EXPECT_EQ(spawn_error("cat:cat"), text);
    process("cat:cat").feed(core::StopAsked{});
    (void)log();
  }
}

TEST_F(SupervisedProcessTest, AShortageIsToldOnceAndWaitedFor) {
  cat().policy.start_retries = 0;
  keeper_.spawns_fail = {wire::SpawnStage::Pipes, EMFILE};
  start_daemon();
  process("cat:cat").feed(core::StartAsked{});
  deliver();
  EXPECT_THAT(log(),
              ElementsAre(AllOf(StartsWith("WARN 'cat' waits for file descriptors: the limit of pid "),
                                HasSubstr("; it is tried again every 5 seconds, which counts as no failed start")),
                          "INFO spawnerr: too many open files to spawn 'cat'"));
  for (int i = 0; i < 3; ++i) {
    pass(core::kShortageWait);
    deliver();
    EXPECT_THAT(log(), ElementsAre("INFO spawnerr: too many open files to spawn 'cat'"));
    EXPECT_EQ(state("cat:cat"), "BACKOFF");
  }
  keeper_.spawns_fail.reset();
  pass(core::kShortageWait);
  deliver();
  EXPECT_TRUE(keeper_.is_alive("cat:cat"));
}

TEST_F(SupervisedProcessTest, AnUnusableLogFileIsASpawnError) {
  cat().out.target = {config::LogTarget::Kind::File, folder_.path()};
  start();
  EXPECT_EQ(spawn_error("cat:cat"), "unknown error making dispatchers for 'cat': EISDIR");
  EXPECT_THAT(keeper_.starts, IsEmpty());
}

TEST_F(SupervisedProcessTest, BacksOffLongerEachTime) {
  cat().policy.start_retries.reset();
  keeper_.spawns_fail = {wire::SpawnStage::Fork, EPERM};
  start();
  deliver();
  for (int wait = 1; wait < 5; ++wait) {
    const std::size_t before = keeper_.starts.size();
    pass(wait * 1s - 1ms);
    EXPECT_EQ(keeper_.starts.size(), before);
    pass(1ms);
    EXPECT_EQ(keeper_.starts.size(), before + 1);
  }
}

// --- output

TEST_F(SupervisedProcessTest, OutputIsLoggedBeforeTheExit) {
  const std::string path = folder_ / "out";
  cat().out.target = {config::LogTarget::Kind::File, path};
  keeper_.gives_pipes = true;
  run_cat();
  ASSERT_EQ(::write(keeper_.end("cat:cat", Stdio::Out).get(), "last words", 10), 10);
  keeper_.exit("cat:cat", 0);
  deliver();
  EXPECT_EQ(fakes::content(path), "last words");
  const std::vector<std::string> lines = log();  // between them the channels are closed
  ASSERT_GE(lines.size(), 3u);
  EXPECT_EQ(lines[0], "DEBG 'cat' stdout output:");
  EXPECT_EQ(lines[1], "last words");
  EXPECT_EQ(lines.back(), "INFO exited: cat (exit status 0; expected)");
}

TEST_F(SupervisedProcessTest, StandardErrorHasItsOwnLog) {
  cat().out.target = {config::LogTarget::Kind::File, folder_ / "out"};
  cat().err.target = {config::LogTarget::Kind::File, folder_ / "err"};
  keeper_.gives_pipes = true;
  run_cat();
  ASSERT_EQ(::write(keeper_.end("cat:cat", Stdio::Err).get(), "oops", 4), 4);
  deliver();
  EXPECT_EQ(fakes::content(folder_ / "err"), "oops");
  EXPECT_EQ(fakes::content(folder_ / "out"), "");
  EXPECT_EQ(process("cat:cat").info({}).stderr_logfile, folder_ / "err");
}

// --- notes and recovery

TEST_F(SupervisedProcessTest, EveryTransitionIsNoted) {
  start();
  EXPECT_EQ(core::state_of(note().phase), core::State::Starting);
  EXPECT_EQ(note().serial, 1u);
  deliver();
  EXPECT_EQ(core::child_of(note().phase), ProcessId{1});
  pass(1s);
  EXPECT_EQ(core::state_of(note().phase), core::State::Running);
  process("cat:cat").feed(core::StopAsked{});
  EXPECT_EQ(core::state_of(note().phase), core::State::Stopping);
  keeper_.die("cat:cat", kTerminated);
  EXPECT_TRUE(keeper_.table.slots().at("cat:cat").owed);
  deliver();
  EXPECT_FALSE(keeper_.table.slots().at("cat:cat").owed) << "released";
  EXPECT_EQ(core::state_of(note().phase), core::State::Stopped);
  EXPECT_EQ(note().exit_status, -1);
}

TEST_F(SupervisedProcessTest, TheNoteOfAFailureTellsWhy) {
  cat().policy.restart = core::Restart::Never;
  run_cat();
  keeper_.exit("cat:cat", 3);
  deliver();
  EXPECT_EQ(note().spawn_error, "Bad exit code 3");
  recover();
  EXPECT_EQ(state("cat:cat"), "EXITED");
  EXPECT_EQ(spawn_error("cat:cat"), "Bad exit code 3");
  EXPECT_EQ(process("cat:cat").info({}).exit_status, 3);
}

TEST_F(SupervisedProcessTest, TheNextEngineGoesOnWithTheRunningProcess) {
  run_cat();
  const ProcessInfo before = process("cat:cat").info({});
  recover();
  EXPECT_EQ(state("cat:cat"), "RUNNING");
  EXPECT_EQ(process("cat:cat").info({}).pid, 100);
  EXPECT_EQ(process("cat:cat").info({}).start, before.start);
  EXPECT_THAT(keeper_.starts, ElementsAre("cat:cat"));
}

TEST_F(SupervisedProcessTest, TheNextEngineHearsOfAnExitItsPredecessorMissed) {
  cat().policy.restart = core::Restart::Never;
  run_cat();
  keeper_.exit("cat:cat", 3);
  recover();
  EXPECT_EQ(state("cat:cat"), "EXITED");
  EXPECT_THAT(log(), ElementsAre("WARN exited: cat (exit status 3; not expected)"));
  EXPECT_FALSE(keeper_.table.slots().at("cat:cat").owed);
}

TEST_F(SupervisedProcessTest, TheNextEngineFinishesAStop) {
  run_cat();
  process("cat:cat").feed(core::StopAsked{});
  recover();
  EXPECT_EQ(state("cat:cat"), "STOPPING");
  pass(10s);
  EXPECT_THAT(keeper_.signals, Contains(fakes::FakeKeeper::Signalled{"cat:cat", SIGKILL, false}));
}

// Whatever message the engine dies after: the note says that it was signalled, and it was, or neither.
TEST_F(SupervisedProcessTest, AStopAndItsSignalAreOneMessage) {
  run_cat();
  keeper_.hears_more = 0;
  process("cat:cat").feed(core::StopAsked{});
  recover();
  EXPECT_EQ(state("cat:cat"), "RUNNING");
  EXPECT_THAT(keeper_.signals, IsEmpty());

  keeper_.hears_more = 1;
  process("cat:cat").feed(core::StopAsked{});
  recover();
  EXPECT_EQ(state("cat:cat"), "STOPPING");
  EXPECT_THAT(keeper_.signals, ElementsAre(kTerm));

  keeper_.hears_more = 0;
  pass(10s);
  recover();
  EXPECT_THAT(keeper_.signals, ElementsAre(kTerm));
  keeper_.hears_more = 1;
  pass(0s);  // the deadline is over
  recover();
  pass(9999ms);
  EXPECT_THAT(keeper_.signals, ElementsAre(kTerm, kKill)) << "the note has the next deadline";
  pass(1ms);
  EXPECT_THAT(keeper_.signals, ElementsAre(kTerm, kKill, kKill));
}

TEST_F(SupervisedProcessTest, AStopThatWaitedForTheBirthIsOneMessage) {
  for (const int heard : {0, 1}) {
    start();
    process("cat:cat").feed(core::StopAsked{});  // noted
    keeper_.hears_more = heard;
    deliver();
    recover();
    EXPECT_EQ(state("cat:cat"), "STOPPING");
    EXPECT_THAT(std::exchange(keeper_.signals, {}), ElementsAre(kTerm)) << "after " << heard;
    keeper_.exit("cat:cat", 0);
    deliver();
  }
}

// The exit is dealt with under the note that came too late to signal anybody.
TEST_F(SupervisedProcessTest, AStopThatMeetsAnExitIsAStop) {
  run_cat();
  keeper_.exit("cat:cat", 0);  // not told yet
  process("cat:cat").feed(core::StopAsked{});
  EXPECT_THAT(keeper_.signals, IsEmpty());
  recover();
  EXPECT_EQ(state("cat:cat"), "STOPPED") << "and not started again";
}

TEST_F(SupervisedProcessTest, ASignalOfAUserLeavesTheNoteAlone) {
  run_cat();
  const std::string before = keeper_.note("cat:cat");
  keeper_.note("cat:cat", before + "?");
  EXPECT_TRUE(process("cat:cat").send_signal(SIGHUP));
  EXPECT_EQ(keeper_.note("cat:cat"), before + "?");
}

TEST_F(SupervisedProcessTest, TheNextEngineAsksAgainForAStartThatNobodyHeardOf) {
  keeper_.spawns_fail = {wire::SpawnStage::Fork, EAGAIN};
  start();  // the answer never arrives
  keeper_.spawns_fail.reset();
  recover();
  EXPECT_EQ(keeper_.starts.size(), 2u);
  deliver();
  EXPECT_EQ(keeper_.table.slots().at("cat:cat").serial, 2u) << "never the same serial twice";
  EXPECT_TRUE(keeper_.is_alive("cat:cat"));
}

TEST_F(SupervisedProcessTest, FactsAloneAreNotedAnew) {
  start();
  deliver();
  keeper_.exit("cat:cat", 1);
  deliver();
  ASSERT_EQ(state("cat:cat"), "BACKOFF");
  recover(true);
  EXPECT_EQ(state("cat:cat"), "STOPPED");
  EXPECT_EQ(core::state_of(note().phase), core::State::Stopped) << "the engine after this one must not find BACKOFF";
}

TEST_F(SupervisedProcessTest, AnExitThatTheNoteHasDealtWithIsReleased) {
  run_cat();
  const std::string stopped = core::encode(core::ProcessNote{.phase = core::Stopped{}, .serial = 1});
  keeper_.exit("cat:cat", 0);
  keeper_.note("cat:cat", stopped);
  recover();
  EXPECT_EQ(state("cat:cat"), "STOPPED");
  EXPECT_FALSE(keeper_.table.slots().at("cat:cat").owed);
  run("cat");
  EXPECT_EQ(state("cat:cat"), "RUNNING");
}

TEST_F(SupervisedProcessTest, AProcessThatVanishedWithItsKeeperCountsAsFailed) {
  cat().policy.restart = core::Restart::Never;
  run_cat();
  const std::string running = keeper_.note("cat:cat");
  keeper_.exit("cat:cat", 0);
  deliver();
  keeper_.note("cat:cat", running);  // as if nobody had told of the exit
  (void)log();
  recover();
  EXPECT_EQ(state("cat:cat"), "EXITED");
  EXPECT_THAT(log(), ElementsAre("WARN exited: cat (unknown termination cause 0x0000; not expected)"));
  EXPECT_EQ(process("cat:cat").info({}).exit_status, -1);
  EXPECT_EQ(spawn_error("cat:cat"), "Bad exit code -1");
}

}  // namespace
}  // namespace upkeep::engine
