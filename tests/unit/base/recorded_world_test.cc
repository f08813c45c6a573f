#include "base/recorded_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_world.h"

namespace upkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Every question once, so that a record of all kinds of answers exists.
struct Answers {
  Result<std::string> file, missing;
  std::vector<std::string> matches;
  bool directory, exists, writable;
  std::optional<User> by_name, by_id, nobody;
  std::optional<gid_t> group;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string host, cwd;
  uid_t uid;
};

Answers ask(World& world) {
  return {world.read_file("/etc/a.conf"), world.read_file("/etc/none"), world.glob("/etc/*.conf"),
          world.is_directory("/etc"),     world.exists("/etc/a.conf"),  world.is_writable_directory("/tmp"),
          world.user_by_name("web"),      world.user_by_id(0),          world.user_by_name("nobody"),
          world.group_by_name("www"),     world.environment(),          world.host_name(),
          world.current_directory(),      world.current_uid()};
}

void expect_answers(const Answers& got) {
  ASSERT_TRUE(got.file);
  EXPECT_EQ(*got.file, std::string("bytes\0of a", 10));
  ASSERT_FALSE(got.missing);
  EXPECT_EQ(got.missing.error().code, ENOENT);
  EXPECT_EQ(got.missing.error().text, "open /etc/none: No such file or directory");
  EXPECT_THAT(got.matches, ElementsAre("/etc/a.conf", "/etc/b.conf"));
  EXPECT_TRUE(got.directory && got.exists && got.writable);
  ASSERT_TRUE(got.by_name && got.by_id);
  EXPECT_EQ(got.by_name->uid, 1000u);
  EXPECT_EQ(got.by_name->gid, 100u);
  EXPECT_EQ(got.by_name->home, "/home/web");
  EXPECT_THAT(got.by_name->groups, ElementsAre(100, 101));
  EXPECT_EQ(got.by_id->name, "root");
  EXPECT_FALSE(got.nobody);
  EXPECT_EQ(got.group, 33u);
  EXPECT_THAT(got.environment, ElementsAre(testing::Pair("PATH", "/bin"), testing::Pair("EMPTY", "")));
  EXPECT_EQ(got.host, "host.example");
  EXPECT_EQ(got.cwd, "/here");
  EXPECT_EQ(got.uid, 1000u);
}

FakeWorld world_with_files() {
  FakeWorld world;
  world.files = {{"/etc/a.conf", std::string("bytes\0of a", 10)}, {"/etc/b.conf", ""}};
  world.variables = {{"PATH", "/bin"}, {"EMPTY", ""}};
  return world;
}

TEST(RecordedWorld, PassesAnswersOnAndReplaysThem) {
  FakeWorld inner = world_with_files();
  RecordingWorld recording{inner, {"supervisord", "-n", ""}};
  expect_answers(ask(recording));
  auto replay = ReplayWorld::parse(recording.bytes());
  ASSERT_TRUE(replay) << replay.error().text;
  EXPECT_THAT(replay->argv(), ElementsAre("supervisord", "-n", ""));
  expect_answers(ask(*replay));
}

TEST(RecordedWorld, RepeatsTheFirstAnswer) {
  FakeWorld inner = world_with_files();
  RecordingWorld recording{inner, {}};
  expect_answers(ask(recording));
  inner = FakeWorld{};
  inner.host = "other";
  inner.uid = 7;
  expect_answers(ask(recording));
}

TEST(RecordedWorld, AnswersNoToWhatWasNotAsked) {
  FakeWorld inner = world_with_files();
  const RecordingWorld recording{inner, {}};
  auto replay = ReplayWorld::parse(recording.bytes());
  ASSERT_TRUE(replay);
  const auto file = replay->read_file("/etc/a.conf");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ENOENT);
  EXPECT_THAT(replay->glob("*"), IsEmpty());
  EXPECT_FALSE(replay->is_directory("/"));
  EXPECT_FALSE(replay->exists("/"));
  EXPECT_FALSE(replay->is_writable_directory("/tmp"));
  EXPECT_FALSE(replay->user_by_name("root"));
  EXPECT_FALSE(replay->user_by_id(0));
  EXPECT_FALSE(replay->group_by_name("root"));
  EXPECT_THAT(replay->environment(), IsEmpty());
  EXPECT_EQ(replay->host_name(), "");
  EXPECT_EQ(replay->current_directory(), "");
}

TEST(RecordedWorld, QuestionsOfDifferentKindsDoNotMix) {
  FakeWorld inner = world_with_files();
  RecordingWorld recording{inner, {}};
  EXPECT_TRUE(recording.exists("/etc/a.conf"));
  auto replay = ReplayWorld::parse(recording.bytes());
  ASSERT_TRUE(replay);
  EXPECT_TRUE(replay->exists("/etc/a.conf"));
  EXPECT_FALSE(replay->is_directory("/etc/a.conf"));
  EXPECT_FALSE(replay->read_file("/etc/a.conf"));
}

TEST(RecordedWorld, RefusesDamage) {
  FakeWorld inner = world_with_files();
  RecordingWorld recording{inner, {"x"}};
  ask(recording);
  const std::string good = recording.bytes();
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(ReplayWorld::parse(std::string_view{good}.substr(0, size))) << size;
  EXPECT_FALSE(ReplayWorld::parse(good + "x"));
  std::string other_version = good;
  other_version[0] = 2;
  const auto refused = ReplayWorld::parse(other_version);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "record of a configuration: unknown version");
}

}  // namespace
}  // namespace upkeep
