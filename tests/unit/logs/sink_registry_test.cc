#include "logs/sink_registry.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "fakes/temporary_folder.h"
#include "logs/stdio_sink.h"
#include "unit/logs/trouble_list.h"

namespace upkeep::logs {
namespace {

using fakes::content;
using fakes::TemporaryFolder;
using testing::ElementsAre;

class SinkRegistryTest : public testing::Test {
 protected:
  std::shared_ptr<Sink> open(const std::string& path, std::int64_t max_bytes = 0, int backups = 0) {
    auto sink = registry_.open(path, max_bytes, backups);
    EXPECT_TRUE(sink) << path;
    return sink ? *sink : nullptr;
  }

  TemporaryFolder folder_;
  os::Loop loop_;
  std::shared_ptr<Sink> out_ = std::make_shared<StdioSink>(loop_, os::open_file("/dev/null", O_WRONLY).value(), "out");
  std::shared_ptr<Sink> err_ = std::make_shared<StdioSink>(loop_, os::open_file("/dev/null", O_WRONLY).value(), "err");
  TroubleList troubles_;
  Instant now_{};
  SinkRegistry registry_{out_, err_, troubles_.report(), [this] { return now_; }};
};

TEST_F(SinkRegistryTest, OneSinkPerFileWhateverItsName) {
  const auto first = open(folder_ / "log");
  ASSERT_EQ(::symlink("log", (folder_ / "soft").c_str()), 0);
  ASSERT_EQ(::link((folder_ / "log").c_str(), (folder_ / "hard").c_str()), 0);
  EXPECT_EQ(open(folder_ / "log"), first);
  EXPECT_EQ(open(folder_ / "./soft"), first);
  EXPECT_EQ(open(folder_ / "hard"), first);
  EXPECT_NE(open(folder_ / "other"), first);
}

TEST_F(SinkRegistryTest, SharersFollowARotationAndKeepTheFirstSettings) {
  const auto first = open(folder_ / "log", 6, 1);
  const auto second = open(folder_ / "log", 0, 0);
  first->write("aaa");
  second->write("bbb");
  first->write("ccc");
  second->write("d");
  EXPECT_EQ(content(folder_ / "log.1"), "aaabbb");
  EXPECT_EQ(content(folder_ / "log"), "cccd");
  EXPECT_EQ(open(folder_ / "log"), first);  // also after the file became another one
}

TEST_F(SinkRegistryTest, TheLastHolderClosesTheFile) {
  auto first = open(folder_ / "log", 4, 1);
  first.reset();
  const auto again = open(folder_ / "log", 100, 1);
  again->write("full?");
  EXPECT_THAT(folder_.names(), ElementsAre("log"));  // the new settings apply
}

TEST_F(SinkRegistryTest, InheritedDescriptorsAreNotOpenedByName) {
  for (const char* name : {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) EXPECT_EQ(open(name), out_) << name;
  for (const char* name : {"/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"}) EXPECT_EQ(open(name), err_) << name;
}

TEST_F(SinkRegistryTest, TheEnginesOwnDescriptorsAreNoLogs) {
  for (const char* name : {"/dev/fd/3", "/proc/self/fd/0", "/dev/fd/17"}) {
    EXPECT_EQ(registry_.open(name, 0, 0).error().code, ENOENT) << name;
    const auto opened = registry_.open_sooner_or_later(name, 0, 0);
    EXPECT_FALSE(opened.sink);
    EXPECT_TRUE(opened.trouble);
  }
}

TEST_F(SinkRegistryTest, AFileThatCannotBeOpenedIsWaitedForByAllItsWriters) {
  const auto first = registry_.open_sooner_or_later(folder_ / "d/log", 0, 0);
  const auto second = registry_.open_sooner_or_later(folder_ / "d/log", 0, 0);
  ASSERT_TRUE(first.trouble);
  EXPECT_EQ(first.trouble->code, ENOENT);
  EXPECT_TRUE(second.trouble);
  EXPECT_EQ(first.sink, second.sink);
  EXPECT_EQ(troubles_.seen.size(), 1u);
  ASSERT_EQ(::mkdir((folder_ / "d").c_str(), 0755), 0);
  now_ += kOpenAgainAfter;
  first.sink->write("there");
  EXPECT_EQ(content(folder_ / "d/log"), "there");
  EXPECT_EQ(open(folder_ / "d/log"), first.sink);
  EXPECT_FALSE(registry_.open_sooner_or_later(folder_ / "d/log", 0, 0).trouble);
}

TEST_F(SinkRegistryTest, ReopeningIncludesWhatCouldNotBeOpened) {
  const auto waiting = registry_.open_sooner_or_later(folder_ / "d/log", 0, 0);
  ASSERT_EQ(::mkdir((folder_ / "d").c_str(), 0755), 0);
  registry_.reopen_all();
  waiting.sink->write("there");
  EXPECT_EQ(content(folder_ / "d/log"), "there");
}

TEST_F(SinkRegistryTest, ReopensEveryFile) {
  const auto a = open(folder_ / "a"), b = open(folder_ / "b");
  a->write("1");
  b->write("2");
  for (const char* name : {"a", "b"})
    ASSERT_EQ(::rename((folder_ / name).c_str(), (folder_ / (std::string{"old-"} + name)).c_str()), 0);
  registry_.reopen_all();
  a->write("3");
  b->write("4");
  EXPECT_THAT(folder_.names(), ElementsAre("a", "b", "old-a", "old-b"));
  EXPECT_EQ(content(folder_ / "a"), "3");
  EXPECT_EQ(content(folder_ / "old-b"), "2");
}

TEST_F(SinkRegistryTest, TwoSinksThatMeetInOneFileTakeTurnsAndBothReopen) {
  const auto a = open(folder_ / "a"), b = open(folder_ / "b");
  ASSERT_EQ(::unlink((folder_ / "b").c_str()), 0);
  ASSERT_EQ(::symlink("a", (folder_ / "b").c_str()), 0);
  registry_.reopen_all();
  a->write("one ");
  b->write("two ");
  a->write("three");
  EXPECT_EQ(content(folder_ / "a"), "one two three");
  ASSERT_EQ(::unlink((folder_ / "b").c_str()), 0);
  registry_.reopen_all();
  b->write("apart");
  EXPECT_EQ(content(folder_ / "b"), "apart");
}

}  // namespace
}  // namespace upkeep::logs
