#include "wire/spawn_plan.h"

#include <gtest/gtest.h>

namespace upkeep::wire {
namespace {

SpawnPlan full() {
  SpawnPlan plan;
  plan.file = "/usr/bin/cat";
  plan.argv = {"cat", "", "two words"};
  plan.environment = {"A=1", "B="};
  plan.stdio = {StdioSource::Null, StdioSource::Passed, StdioSource::Out};
  plan.ids = Ids{1000, 100, {100, 27}};
  plan.directory = "/srv";
  plan.umask = 027;
  plan.group = ProcessGroup::Session;
  plan.notification_fd = 5;
  plan.complaint = Complaint{"supervise: fatal: unable to start x/run", 111};
  plan.limits = {{7, 1024, ~0ull}};
  return plan;
}

SpawnPlan plain() {
  SpawnPlan plan;
  plan.file = "/bin/true";
  plan.argv = {"true"};
  return plan;
}

TEST(SpawnPlan, RoundTrips) {
  const auto decoded = decode_spawn_plan(encode(full()));
  ASSERT_TRUE(decoded) << decoded.error().text;
  EXPECT_EQ(decoded->file, "/usr/bin/cat");
  EXPECT_EQ(decoded->argv, (TextBlock{"cat", "", "two words"}));
  EXPECT_EQ(decoded->environment, (TextBlock{"A=1", "B="}));
  EXPECT_EQ(decoded->stdio, full().stdio);
  ASSERT_TRUE(decoded->ids);
  EXPECT_EQ(decoded->ids->uid, 1000u);
  EXPECT_EQ(decoded->ids->gid, 100u);
  EXPECT_EQ(decoded->ids->groups, (std::vector<gid_t>{100, 27}));
  EXPECT_EQ(decoded->directory, "/srv");
  EXPECT_EQ(decoded->umask, 027u);
  EXPECT_EQ(decoded->group, ProcessGroup::Session);
  EXPECT_EQ(decoded->notification_fd, 5);
  ASSERT_TRUE(decoded->complaint);
  EXPECT_EQ(decoded->complaint->text, "supervise: fatal: unable to start x/run");
  EXPECT_EQ(decoded->complaint->exit_status, 111);
  ASSERT_EQ(decoded->limits.size(), 1u);
  EXPECT_EQ(decoded->limits[0].resource, 7);
  EXPECT_EQ(decoded->limits[0].soft, 1024u);
  EXPECT_EQ(decoded->limits[0].hard, ~0ull);
  EXPECT_EQ(encode(*decoded), encode(full()));
}

TEST(SpawnPlan, DefaultsRoundTrip) {
  const auto decoded = decode_spawn_plan(encode(plain()));
  ASSERT_TRUE(decoded);
  EXPECT_FALSE(decoded->ids);
  EXPECT_FALSE(decoded->directory);
  EXPECT_FALSE(decoded->umask);
  EXPECT_EQ(decoded->group, ProcessGroup::Own);
  EXPECT_FALSE(decoded->notification_fd);
  EXPECT_FALSE(decoded->complaint);
  for (const StdioSource source : decoded->stdio) EXPECT_EQ(source, StdioSource::Pipe);
}

TEST(SpawnPlan, CutOrExtendedOnesAreRefused) {
  for (const SpawnPlan& plan : {full(), plain()}) {
    const std::string bytes = encode(plan);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      ASSERT_FALSE(decode_spawn_plan(std::string_view{bytes}.substr(0, size))) << size;
    EXPECT_FALSE(decode_spawn_plan(bytes + '\0'));
  }
}

TEST(SpawnPlan, NeedsACommand) {
  SpawnPlan plan = plain();
  plan.argv = {};
  EXPECT_FALSE(decode_spawn_plan(encode(plan)));
}

TEST(SpawnPlan, UnknownStdioIsRefused) {
  SpawnPlan plan = plain();
  plan.stdio[2] = static_cast<StdioSource>(5);
  EXPECT_FALSE(decode_spawn_plan(encode(plan)));
}

}  // namespace
}  // namespace upkeep::wire
