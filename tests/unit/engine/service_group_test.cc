// Which directories are supervised, how services and loggers belong together, and that no engine's death is noticed.
#include "engine/service_group.h"

#include <sys/file.h>

#include <csignal>

#include "unit/engine/service_fixture.h"

namespace upkeep::engine {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ServiceGroupTest : public ServicesTest {
 protected:
  void rename(const std::string& from, const std::string& to) { std::filesystem::rename(path(from), path(to)); }
  // Made elsewhere and moved here whole.
  void appear(const std::string& service, const std::vector<std::string>& files = {"run"}) {
    make("../fresh", files);
    std::filesystem::rename(path("../fresh"), path(service));
  }
};

// --- looking

TEST_F(ServiceGroupTest, TakesWhatIsThereAtTheStart) {
  make("a");
  make_pair("b");
  make(".hidden");
  fakes::put(path("file"), "");
  start();
  EXPECT_THAT(names(), ElementsAre("a", "b", "b/log"));
  for (const char* name : {"a", "b", "b/log"}) {
    EXPECT_EQ(state(name), "RUNNING") << name;
    EXPECT_TRUE(is_supervised(name)) << name;
    EXPECT_EQ(svstat(name), "up u") << name;
  }
  EXPECT_EQ(log().find("fatal"), std::string::npos);
}

TEST_F(ServiceGroupTest, NoticesANewDirectory) {
  start();
  appear("a");
  notice();
  EXPECT_EQ(state("a"), "RUNNING");
}

TEST_F(ServiceGroupTest, AnIdleGroupSleeps) {
  make_pair("a");
  start();
  notice();
  EXPECT_EQ(group().next_deadline(), std::nullopt);
  EXPECT_EQ(engine_->supervisor.next_deadline(), std::nullopt);
}

TEST_F(ServiceGroupTest, AnUnfinishedDirectoryIsWaitedFor) {
  start();
  make("a", {"log/"});
  notice();
  EXPECT_THAT(names(), IsEmpty());
  make("a");
  notice();
  EXPECT_EQ(state("a"), "RUNNING");
  EXPECT_THAT(names(), ElementsAre("a", "a/log")) << "it has a logger by now";
}

TEST_F(ServiceGroupTest, AnUnfinishedDirectoryIsTakenInTheEnd) {
  start();
  make("a", {"down"});
  notice();
  EXPECT_THAT(names(), IsEmpty());
  pass(5s);
  EXPECT_EQ(state("a"), "STOPPED");
}

// Directories often get the inode of one that was just removed.
TEST_F(ServiceGroupTest, AnotherUnfinishedDirectoryIsWaitedForAsLong) {
  start();
  make("a", {"down"});
  notice();
  const ino_t inode = [&] {
    struct stat status {};
    EXPECT_EQ(::stat(path("a").c_str(), &status), 0);
    return status.st_ino;
  }();
  std::filesystem::rename(path("a"), path("../away"));
  notice();
  pass(10s);
  std::filesystem::rename(path("../away"), path("a"));
  struct stat status {};
  ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
  ASSERT_EQ(status.st_ino, inode);
  notice();
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ServiceGroupTest, WhatAServiceWritesInItsDirectoryWakesNobody) {
  start();
  make("a", {"log/"});
  notice();
  make("a");
  notice();
  notice();
  ASSERT_EQ(state("a"), "RUNNING");
  ASSERT_EQ(group().next_deadline(), std::nullopt);
  write("a", "state", "42");
  pass();
  EXPECT_EQ(group().next_deadline(), std::nullopt);
}

TEST_F(ServiceGroupTest, WaitsForADirectoryThatIsMissing) {
  std::filesystem::remove(scan());
  start();
  EXPECT_THAT(log(), HasSubstr("svscan: warning: unable to chdir to " + scan() + ": file does not exist"));
  make("a");
  pass(5s);
  EXPECT_EQ(state("a"), "RUNNING");
}

// The last engine may have unlocked it in its last moment, and have died before the keeper heard that it lets go.
TEST_F(ServiceGroupTest, ALockThatWasGivenBackIsTakenAgain) {
  make("a");
  start();
  const Fd lock = deposits_.take("service:" + slot("a") + ":lock");
  ASSERT_EQ(::flock(lock.get(), LOCK_UN), 0);
  kill_engine();
  EXPECT_EQ(state("a"), "RUNNING");
  const Fd directory{::open(path("a").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  EXPECT_FALSE(services::ServiceFiles::acquire(directory.get(), "a", "supervise")) << "two would supervise it";
}

TEST_F(ServiceGroupTest, TriesAgainWhereSomebodyElseSupervises) {
  make("a");
  make("a", {"supervise/"});
  Fd directory{::open(path("a").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  auto other = services::ServiceFiles::acquire(directory.get(), "a", "supervise");
  ASSERT_TRUE(other);
  start();
  EXPECT_THAT(log(), HasSubstr("supervise: fatal: unable to acquire a/supervise/lock: temporary failure"));
  EXPECT_THAT(names(), IsEmpty());
  pass(4999ms);
  EXPECT_THAT(log(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(log(), HasSubstr("temporary failure"));
  other = Error{"gone"};
  pass(5s);
  EXPECT_EQ(state("a"), "RUNNING");
}

// Everything is ready but for the last file.
TEST_F(ServiceGroupTest, ADirectoryThatCannotBeAnnouncedLeavesNothing) {
  make("a");
  make("a", {"supervise/"});
  std::filesystem::create_symlink("nowhere/ok", path("a") + "/supervise/ok");
  start();
  EXPECT_THAT(log(), HasSubstr("supervise: fatal: unable to read a/supervise/ok: file does not exist"));
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(keeper_.starts, IsEmpty());
  EXPECT_THAT(deposits(), ElementsAre("services:svc"));
  EXPECT_THAT(slots_known(), IsEmpty());
  std::filesystem::remove(path("a") + "/supervise/ok");
  pass(5s);
  EXPECT_EQ(state("a"), "RUNNING");
}

// --- names

TEST_F(ServiceGroupTest, ARenamedDirectoryIsTheSameService) {
  make_pair("a");
  start();
  const int before = pid("a");
  rename("a", "b");
  notice();
  EXPECT_THAT(names(), ElementsAre("b", "b/log"));
  EXPECT_EQ(pid("b"), before);
  svc("b", "d");
  EXPECT_THAT(signals("b"), ElementsAre(SIGTERM, SIGCONT));
}

TEST_F(ServiceGroupTest, NamesCanBeExchanged) {
  make("a");
  make("b");
  start();
  const int first = pid("a"), second = pid("b");
  rename("a", "c");
  rename("b", "a");
  rename("c", "b");
  notice();
  EXPECT_THAT(names(), ElementsAre("a", "b"));
  EXPECT_EQ(find("a")->pid(), second);
  EXPECT_EQ(find("b")->pid(), first);
}

TEST_F(ServiceGroupTest, TheReplacedRunsOnUnderAnotherName) {
  make("a");
  start();
  const std::string old = slot("a");
  rename("a", "../old");
  appear("a");
  notice();
  const std::string other = "a@" + old.substr(old.rfind('-') + 1);
  EXPECT_THAT(names(), ElementsAre("a", other));
  EXPECT_TRUE(keeper_.is_alive(old));
  EXPECT_EQ(state("a"), "RUNNING");
}

TEST_F(ServiceGroupTest, ARemovedDirectoryKeepsItsNameThroughAnEngine) {
  make("a");
  start();
  std::filesystem::remove_all(path("a"));
  notice();
  EXPECT_THAT(names(), ElementsAre("a"));
  kill_engine();
  EXPECT_THAT(names(), ElementsAre("a"));
}

// As most packages do it.
TEST_F(ServiceGroupTest, ARemovedLinkKeepsItsNameThroughAnEngine) {
  make("../elsewhere");
  std::filesystem::create_symlink("../elsewhere", path("a"));
  start();
  ASSERT_THAT(names(), ElementsAre("a"));
  std::filesystem::remove(path("a"));
  notice();
  kill_engine();
  EXPECT_THAT(names(), ElementsAre("a"));
}

// --- going

TEST_F(ServiceGroupTest, ARemovedDirectoryRunsOnUntilItIsToldToLeave) {
  make_pair("a");
  start();
  const std::string service = slot("a"), logger = slot("a/log");
  std::filesystem::rename(path("a"), path("../away"));
  notice();
  EXPECT_TRUE(keeper_.is_alive(service));
  svc("../away", "dx");
  end_child(service, {ExitStatus::Kind::Signalled, SIGTERM, false});
  pass();
  EXPECT_THAT(names(), ElementsAre("a/log"));
  svc("../away/log", "dx");
  end_child(logger, {ExitStatus::Kind::Signalled, SIGTERM, false});
  pass();
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(deposits(), ElementsAre("services:svc"));
  EXPECT_THAT(slots_known(), IsEmpty());
  EXPECT_FALSE(is_supervised("../away"));
  pass(10s);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ServiceGroupTest, WhoLeavesIsTakenAgainAfterAWhile) {
  make("a");
  start();
  svc("a", "dx");
  is_killed("a");
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_FALSE(is_supervised("a"));
  EXPECT_THAT(deposits(), ElementsAre("services:svc"));
  pass(4999ms);
  EXPECT_THAT(names(), IsEmpty());
  pass(1ms);
  EXPECT_EQ(state("a"), "RUNNING");
}

TEST_F(ServiceGroupTest, TheLockIsFreeAsSoonAsItLeaves) {
  make("a");
  start();
  // The keeper still has what it was told to throw away: it reads that later.
  auto late = deposits_.take("service:" + slot("a") + ":lock");
  svc("a", "dx");
  is_killed("a");
  Fd directory{::open(path("a").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  EXPECT_TRUE(services::ServiceFiles::acquire(directory.get(), "a", "supervise"));
}

TEST_F(ServiceGroupTest, ALoggerKeepsReadingWhileItsServiceIsAway) {
  make_pair("a");
  start();
  svc("a", "dx");
  is_killed("a");
  EXPECT_TRUE(runs("a/log"));
  EXPECT_THAT(deposits(), Contains("service:" + slot("a") + ":pipe-write"));
  pass(5s);
  EXPECT_TRUE(runs("a"));
}

// --- the pipe

TEST_F(ServiceGroupTest, AServiceWritesToItsLogger) {
  make_pair("a");
  start();
  EXPECT_EQ(keeper_.plans.at(slot("a")).stdio[1], wire::StdioSource::Passed);
  EXPECT_EQ(keeper_.plans.at(slot("a/log")).stdio[0], wire::StdioSource::Passed);
  const Fd& write = mortal_keeper_.passed.at(slot("a")).at(0);
  ASSERT_EQ(::write(write.get(), "hello", 5), 5);
  is_killed("a", SIGKILL);
  is_killed("a/log", SIGKILL);
  kill_engine();
  pass(1s);
  char bytes[16];
  EXPECT_EQ(::read(mortal_keeper_.passed.at(slot("a/log")).at(0).get(), bytes, sizeof bytes), 5)
      << "what was written waits for the next logger";
}

// --- the end

TEST_F(ServiceGroupTest, TheLoggerEndsByItselfAfterItsService) {
  make_pair("a");
  start();
  stop();
  pass();
  EXPECT_THAT(signals("a"), ElementsAre(SIGTERM, SIGCONT));
  EXPECT_THAT(signals("a/log"), IsEmpty());
  const Fd read = mortal_keeper_.passed.at(slot("a/log")).at(0).duplicate().value();
  is_killed("a");
  EXPECT_THAT(signals("a/log"), IsEmpty());
  char byte;
  EXPECT_EQ(::read(read.get(), &byte, 1), 0) << "nobody can write any more";
  EXPECT_FALSE(group().is_over());
  ends("a/log", 0);
  EXPECT_TRUE(group().is_over());
  EXPECT_FALSE(is_supervised("a"));
  EXPECT_FALSE(is_supervised("a/log"));
}

TEST_F(ServiceGroupTest, ALoggerThatReadsOnGetsTerm) {
  make_pair("a");
  start();
  stop();
  is_killed("a");
  pass(4999ms);
  EXPECT_THAT(signals("a/log"), IsEmpty());
  pass(1ms);
  EXPECT_THAT(signals("a/log"), ElementsAre(SIGTERM, SIGCONT));
  pass(60s);
  EXPECT_THAT(signals("a/log"), ElementsAre(SIGTERM, SIGCONT)) << "nothing is killed";
  EXPECT_EQ(group().next_deadline(), std::nullopt);
}

TEST_F(ServiceGroupTest, TheEndRunsWhatComesAfterwards) {
  make("a", {"run", "finish", "stop"});
  start();
  stop();
  is_killed("a");
  EXPECT_EQ(file_of(slot("a")), "./finish");
  ends("a", 0);
  EXPECT_EQ(file_of(slot("a")), "./stop");
  ends("a", 0);
  EXPECT_TRUE(group().is_over());
}

TEST_F(ServiceGroupTest, AnEndGoesOnInTheNextEngine) {
  make_pair("a");
  start();
  stop();
  pass();
  kill_engine();
  is_killed("a");
  kill_engine();
  ends("a/log", 0);
  EXPECT_TRUE(group().is_over());
}

// It would run its `stop` script when nobody supervises it any more.
TEST_F(ServiceGroupTest, AnEndMeansNothingToAServiceThatHasJustLeft) {
  make("a", {"run", "stop", "down"});
  start();
  put_in_fifo("a", "x");
  engine_->loop.defer([this] { stop(); });  // between its leaving and what follows from that
  engine_->loop.turn(Duration{0});
  pass();
  EXPECT_FALSE(runs("a"));
  EXPECT_TRUE(group().is_over());
}

TEST_F(ServiceGroupTest, ARemovedGroupLeavesNothing) {
  make_pair("a");
  make("b");
  start();
  for (const char* name : {"a", "a/log", "b"}) {
    svc(name, "d");
    is_killed(name);
    EXPECT_EQ(state(name), "STOPPED");
  }
  engine_->supervisor.remove("svc");
  pass();
  EXPECT_THAT(deposits(), IsEmpty());
  EXPECT_THAT(slots_known(), IsEmpty());
  EXPECT_FALSE(is_supervised("a"));
  appear("c");
  notice();
  EXPECT_THAT(names(), IsEmpty());
}

// --- deaths

void expect_one_pipe(Story& story, const std::string& name) {
  ASSERT_TRUE(story.runs(name) && story.runs(name + "/log"));
  ASSERT_EQ(::write(story.mortal_keeper_.passed.at(story.slot(name)).at(0).get(), "x", 1), 1);
  const Fd& read = story.mortal_keeper_.passed.at(story.slot(name + "/log")).at(0);
  ASSERT_TRUE(set_nonblocking(read.get()));
  char byte;
  EXPECT_EQ(::read(read.get(), &byte, 1), 1);
}

TEST(ServiceGroupDeaths, AtTheStart) {
  for_every_death(
      [](Story& story) {
        story.make_pair("a");
        story.create(std::nullopt);
      },
      [](Story& story) {
        story.engine_->supervisor.autostart();
        story.pass();
      },
      [](Story& story) {
        EXPECT_THAT(story.log(), Not(HasSubstr("fatal")));
        for (const char* name : {"a", "a/log"}) {
          EXPECT_EQ(story.state(name), "RUNNING") << name;
          EXPECT_TRUE(story.is_supervised(name)) << name;
          EXPECT_EQ(story.svstat(name), "up u") << name;
        }
        expect_one_pipe(story, "a");
        for (const char* name : {"a", "a/log"}) {
          story.svc(name, "d");
          story.is_killed(name);
        }
        story.engine_->supervisor.remove("svc");
        story.pass();
        EXPECT_THAT(story.deposits(), IsEmpty());
        EXPECT_THAT(story.slots_known(), IsEmpty());
      });
}

TEST(ServiceGroupDeaths, WhenSomethingIsNew) {
  for_every_death([](Story& story) { story.start(); },
                  [](Story& story) {
                    story.make_pair("a");
                    story.notice();
                  },
                  [](Story& story) {
                    EXPECT_THAT(story.log(), Not(HasSubstr("fatal")));
                    story.notice();
                    EXPECT_EQ(story.svstat("a"), "up u");
                    EXPECT_EQ(story.svstat("a/log"), "up u");
                    expect_one_pipe(story, "a");
                  });
}

TEST(ServiceGroupDeaths, WhileTheLastOneLeaves) {
  for_every_death(
      [](Story& story) {
        story.make_pair("a");
        story.start();
        std::filesystem::rename(story.path("a"), story.path("../away"));
        story.notice();
        story.svc("../away/log", "dx");
        story.is_killed("../away/log");
        ASSERT_THAT(story.names(), ElementsAre("a"));
        story.put_in_fifo("../away", "dx");
      },
      [](Story& story) {
        story.pass();
        story.is_killed("../away");
      },
      [](Story& story) {
        if (story.runs("../away")) story.is_killed("../away");
        EXPECT_THAT(story.names(), IsEmpty());
        EXPECT_THAT(story.deposits(), ElementsAre("services:svc"));
        EXPECT_THAT(story.slots_known(), IsEmpty());
        EXPECT_FALSE(story.is_supervised("../away"));
        story.pass(10s);
        EXPECT_THAT(story.names(), IsEmpty());
      });
}

TEST(ServiceGroupDeaths, AtTheEnd) {
  for_every_death(
      [](Story& story) {
        story.make_pair("a");
        story.make("a", {"finish"});
        story.start();
      },
      [](Story& story) {
        story.stop();
        story.pass();
        story.is_killed("a");
        story.ends("a", 0);  // finish
        story.ends("a/log", 0);
      },
      [](Story& story) {
        if (story.mood_ == core::Mood::Running) return story.stop();  // it died before it was told
        for (int step = 0; step < 3; ++step) {
          for (const char* name : {"a", "a/log"}) {
            if (!story.runs(name)) continue;
            if (story.file_of(story.slot(name)) == "./finish" || name[1] == '/') {
              story.ends(name, 0);
            } else {
              EXPECT_THAT(story.signals(name), Contains(SIGTERM));
              story.is_killed(name);
            }
          }
        }
        EXPECT_EQ(story.file_of(story.slot("a")), "./finish");
        EXPECT_TRUE(story.group().is_over());
        EXPECT_FALSE(story.is_supervised("a"));
        EXPECT_FALSE(story.is_supervised("a/log"));
      });
}

TEST(ServiceGroupDeaths, WhileAnotherNameComes) {
  for_every_death(
      [](Story& story) {
        story.make_pair("a");
        story.start();
        std::filesystem::rename(story.path("a"), story.path("b"));
      },
      [](Story& story) { story.notice(); },
      [](Story& story) {
        EXPECT_THAT(story.names(), ElementsAre("b", "b/log"));
        EXPECT_TRUE(story.runs("b"));
        std::filesystem::remove_all(story.path("b"));
        story.kill_engine();
        EXPECT_THAT(story.names(), ElementsAre("b", "b/log"));
      });
}

}  // namespace
}  // namespace upkeep::engine
