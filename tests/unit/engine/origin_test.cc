#include "engine/origin.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include "engine/start_world.h"
#include "fakes/fake_control.h"
#include "fakes/fake_world.h"

namespace upkeep::engine {
namespace {

TEST(Origin, IsTheDirectoryAndTheLimitsOfTheProcess) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  const Origin origin = find_origin();
  EXPECT_EQ(origin.directory, std::filesystem::current_path());
  ASSERT_EQ(origin.limits.size(), 1u);
  EXPECT_EQ(origin.limits[0].resource, RLIMIT_NOFILE);
  EXPECT_EQ(origin.limits[0].soft, files.rlim_cur);
  EXPECT_EQ(origin.limits[0].hard, files.rlim_max);
}

TEST(Origin, IsFoundByTheNextEngine) {
  fakes::FakeDeposits deposits;
  EXPECT_FALSE(recover_origin(deposits)) << "nothing is deposited";
  ASSERT_TRUE(deposit_origin({"/srv", "/var/log/x.log", {{RLIMIT_NOFILE, 5, 6}}}, deposits));
  deposits.from_before = std::move(deposits.kept);
  const auto origin = recover_origin(deposits);
  ASSERT_TRUE(origin) << origin.error().text;
  EXPECT_EQ(origin->directory, "/srv");
  EXPECT_EQ(origin->logfile, "/var/log/x.log");
  ASSERT_EQ(origin->limits.size(), 1u);
  EXPECT_EQ(origin->limits[0].soft, 5u);
  EXPECT_EQ(origin->limits[0].hard, 6u);
}

TEST(Origin, DamageIsAnError) {
  fakes::FakeDeposits deposits;
  ASSERT_TRUE(deposit_bytes(kOriginDeposit, "?", deposits));
  deposits.from_before = std::move(deposits.kept);
  EXPECT_FALSE(recover_origin(deposits));
}

TEST(StartWorld, RelativePathsMeanWhatTheyMeantAtTheStart) {
  FakeWorld now;
  now.cwd = "/";
  now.files["/srv/a.conf"] = "here";
  now.files["/srv/d/b.conf"] = "there";
  StartWorld world{now, "/srv"};
  EXPECT_EQ(world.read_file("a.conf").value(), "here");
  EXPECT_EQ(world.read_file("/srv/a.conf").value(), "here");
  EXPECT_TRUE(world.exists("a.conf"));
  EXPECT_TRUE(world.is_directory("d"));
  EXPECT_EQ(world.glob("d/*.conf"), std::vector<std::string>{"/srv/d/b.conf"});
  EXPECT_EQ(world.current_directory(), "/srv");
  EXPECT_FALSE(StartWorld(now, "").exists("a.conf"));
  EXPECT_EQ(StartWorld(now, "").current_directory(), "/");
}

}  // namespace
}  // namespace upkeep::engine
