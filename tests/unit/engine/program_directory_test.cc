// Programs of the configuration as service directories: what svstat sees, what the letters of svc do.
#include "engine/program_directory.h"

#include <csignal>

#include "unit/engine/service_fixture.h"

namespace upkeep::engine {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ProgramDirectoryTest : public ServicesTest {
 public:
  ProgramDirectoryTest() {
    groups_.clear();
    add("cat", "cat");
  }
  config::Process& add(const std::string& group, const std::string& name) {
    auto found = std::ranges::find(groups_, group, &config::Group::name);
    if (found == groups_.end()) found = groups_.insert(found, {config::Group::Kind::Group, group, 999, {}});
    config::Process& process = found->processes.emplace_back();
    process.name = name;
    process.group = group;
    process.command = "/bin/cat";
    process.out.target.kind = process.err.target.kind = config::LogTarget::Kind::None;
    return process;
  }
  config::Process& cat() { return groups_.front().processes.front(); }

  void start(std::optional<std::size_t> lives = std::nullopt) {
    create(lives);
    show();
    engine_->supervisor.autostart();
    pass();
  }
  void next() {
    directories_.reset();
    recover_programs();
  }
  void recover_programs() {
    Snapshot snapshot = keeper_.snapshot();
    snapshot.welcome.engine_starts = 1;
    create(std::nullopt);
    EXPECT_THAT(engine_->supervisor.resume(snapshot, mood_), IsEmpty());
    show();
    pass();
  }
  void show() {
    directories_.reset();
    directories_ = std::make_unique<ProgramDirectories>(scan(), engine_->supervisor);
    directories_->sync();
  }
  core::State program() { return engine_->supervisor.find("cat", "cat")->state(); }
  std::vector<int> sent() {
    std::vector<int> numbers;
    for (const auto& signal : keeper_.signals) numbers.push_back(signal.number);
    return numbers;
  }
  void dies(int code = 0) {
    end_child("cat:cat", {ExitStatus::Kind::Exited, code, false});
    pass();
  }
  bool has_down() const { return std::filesystem::exists(path("cat") + "/down"); }

  std::unique_ptr<ProgramDirectories> directories_;
};

// --- what is shown

TEST_F(ProgramDirectoryTest, AreNamedAsSupervisorctlNamesThem) {
  add("cat", "dog");
  add("sites", "web");
  start();
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(scan())) found.push_back(entry.path().filename());
  std::ranges::sort(found);
  EXPECT_THAT(found, ElementsAre("cat", "cat:dog", "sites:web"));
}

TEST_F(ProgramDirectoryTest, TheStatusFollowsTheProgram) {
  cat().policy.start_time = 1s;
  start();
  EXPECT_TRUE(is_supervised("cat"));
  EXPECT_EQ(svstat("cat"), "up u");
  EXPECT_EQ(record("cat").pid, static_cast<std::uint32_t>(keeper_.pid("cat:cat")));
  EXPECT_EQ(fakes::content(path("cat") + "/supervise/status").size(), wire::kStatusBytes);
  pass(2s);
  engine_->supervisor.find("cat", "cat")->feed(core::StopAsked{});
  EXPECT_EQ(svstat("cat"), "up d");
  dies();
  EXPECT_EQ(svstat("cat"), "down d");
}

TEST_F(ProgramDirectoryTest, AProgramThatIsNotRestartedHasNoWant) {
  cat().policy.restart = core::Restart::Never;
  start();
  EXPECT_EQ(svstat("cat"), "up");
  pass(2s);
  dies();
  EXPECT_EQ(svstat("cat"), "down d");
}

TEST_F(ProgramDirectoryTest, DownSaysWhatIsNormal) {
  cat().policy.autostart = false;
  start();
  EXPECT_TRUE(has_down());
  EXPECT_EQ(svstat("cat"), "down d");
  directories_->close();
  cat().policy.autostart = true;
  start();
  EXPECT_FALSE(has_down());
}

// --- commands

TEST_F(ProgramDirectoryTest, DownStopsAndUpStarts) {
  start();
  pass(2s);
  svc("cat", "d");
  EXPECT_THAT(sent(), ElementsAre(SIGTERM, SIGCONT));
  EXPECT_EQ(program(), core::State::Stopping);
  dies();
  EXPECT_EQ(program(), core::State::Stopped);
  svc("cat", "u");
  EXPECT_EQ(svstat("cat"), "up u");
  svc("cat", "u");
  EXPECT_EQ(keeper_.starts.size(), 2u);
}

TEST_F(ProgramDirectoryTest, LettersAreSignals) {
  start();
  svc("cat", "pchaitqk12wz\n");
  EXPECT_THAT(sent(), ElementsAre(SIGSTOP, SIGCONT, SIGHUP, SIGALRM, SIGINT, SIGTERM, SIGQUIT, SIGKILL, SIGUSR1,
                                  SIGUSR2, SIGWINCH));
}

TEST_F(ProgramDirectoryTest, PauseIsShownWhileThereIsAProcess) {
  start();
  pass(2s);
  svc("cat", "p");
  EXPECT_EQ(svstat("cat"), "paused u");
  next();
  EXPECT_EQ(svstat("cat"), "paused u");
  dies(1);
  EXPECT_EQ(svstat("cat"), "up u") << "another process";
  svc("cat", "p");
  svc("cat", "c");
  EXPECT_EQ(svstat("cat"), "up u");
}

TEST_F(ProgramDirectoryTest, LeavingMeansNothing) {
  start();
  svc("cat", "x");
  EXPECT_TRUE(is_supervised("cat"));
  EXPECT_EQ(svstat("cat"), "up u");
}

TEST_F(ProgramDirectoryTest, CommandsWaitUntilTheKeeperHasAnswered) {
  create(std::nullopt);
  show();
  engine_->supervisor.autostart();
  put_in_fifo("cat", "h");
  engine_->loop.turn(Duration{0});
  EXPECT_THAT(sent(), IsEmpty());
  pass();
  EXPECT_THAT(sent(), ElementsAre(SIGHUP));
}

TEST_F(ProgramDirectoryTest, CommandsOfATimeWithoutAnEngineAreTaken) {
  start();
  directories_.reset();
  engine_.reset();
  put_in_fifo("cat", "h");
  recover_programs();
  EXPECT_THAT(sent(), ElementsAre(SIGHUP));
}

// --- coming and going

TEST_F(ProgramDirectoryTest, TheStatusIsTheSameInTheNextEngine) {
  start();
  const wire::StatusRecord before = record("cat");
  next();
  EXPECT_EQ(record("cat"), before);
  EXPECT_TRUE(is_supervised("cat"));
}

TEST_F(ProgramDirectoryTest, WhatHappenedMeanwhileIsShown) {
  cat().policy.restart = core::Restart::Never;
  start();
  pass(2s);
  directories_.reset();
  engine_.reset();
  end_child("cat:cat", {ExitStatus::Kind::Exited, 0, false});
  recover_programs();
  EXPECT_EQ(svstat("cat"), "down d");
}

TEST_F(ProgramDirectoryTest, ARemovedProgramLeavesNothingButItsDirectory) {
  cat().policy.autostart = false;
  start();
  engine_->supervisor.remove("cat");
  pass();
  EXPECT_FALSE(is_supervised("cat"));
  EXPECT_THAT(deposits(), IsEmpty());
}

// The keeper may read the end of the first only after the beginning of the second.
TEST_F(ProgramDirectoryTest, AnExchangedProgramHasItsDirectoryAtOnce) {
  cat().policy.autostart = false;
  start();
  const Fd late = deposits_.take("program:cat:cat:lock");
  engine_->supervisor.remove("cat");
  engine_->supervisor.add(borrowed(groups_.front()));
  EXPECT_THAT(log(), testing::Not(HasSubstr("no service directory")));
  EXPECT_TRUE(is_supervised("cat"));
}

TEST_F(ProgramDirectoryTest, TheEndOfTheDaemonIsTheEndOfSupervision) {
  start();
  directories_->close();
  EXPECT_FALSE(is_supervised("cat"));
  EXPECT_THAT(deposits(), IsEmpty());
}

TEST_F(ProgramDirectoryTest, ItComesToItsRightsAtEveryDeath) {
  for (std::size_t after = 0; after < 40; ++after) {
    SCOPED_TRACE(after);
    cat().policy.autostart = false;
    cat().name = cat().group = groups_.front().name = fmt::format("cat{}", after);
    create(std::nullopt);
    const bool died = ServicesTest::dies(after, [this] { show(); });
    directories_.reset();
    (void)log();
    recover_programs();
    EXPECT_EQ(log().find("no service directory"), std::string::npos);
    EXPECT_TRUE(is_supervised(cat().name));
    svc(cat().name, "u");
    EXPECT_EQ(svstat(cat().name), "up u");
    end_child(cat().name + ":" + cat().name, {ExitStatus::Kind::Exited, 0, false});
    directories_->close();
    keeper_.table.forget_slots();
    if (!died) return;
  }
  FAIL() << "it never lived through it";
}

TEST_F(ProgramDirectoryTest, ADirectoryThatCannotBeMadeIsAWarning) {
  fakes::put(path("cat"), "a file");
  start();
  EXPECT_THAT(
      log(), HasSubstr("WARN 'cat' has no service directory: unable to chdir to " + path("cat") + ": not a directory"));
  EXPECT_THAT(deposits(), IsEmpty());
  EXPECT_EQ(keeper_.starts.size(), 1u);
}

TEST_F(ProgramDirectoryTest, ADirectoryThatCannotBeAnnouncedLeavesNothing) {
  make("cat", {"supervise/"});
  std::filesystem::create_symlink("nowhere/ok", path("cat") + "/supervise/ok");
  start();
  EXPECT_THAT(log(), HasSubstr("has no service directory: unable to read " + path("cat") +
                               "/supervise/ok: file does not exist"));
  EXPECT_THAT(deposits(), IsEmpty());
}

}  // namespace
}  // namespace upkeep::engine
