#include "os/system_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "fakes/temporary_folder.h"

namespace upkeep::os {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SystemWorldTest : public testing::Test {
 protected:
  fakes::TemporaryFolder folder_;
  SystemWorld world_;

  void write(const std::string& name, const std::string& bytes) { std::ofstream{folder_ / name} << bytes; }
};

TEST_F(SystemWorldTest, ReadsFiles) {
  const std::string bytes(200'000, 'x');
  write("a", bytes);
  EXPECT_EQ(world_.read_file(folder_ / "a").value(), bytes);
  const auto missing = world_.read_file(folder_ / "none");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
  EXPECT_EQ(missing.error().text, "open " + (folder_ / "none") + ": No such file or directory");
  EXPECT_EQ(world_.read_file(folder_.path()).error().code, EISDIR);
  EXPECT_EQ(world_.read_file((folder_ / "a") + std::string{"\0b", 2}).error().code, ENOENT);
}

TEST_F(SystemWorldTest, AFifoDoesNotBlock) {
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(world_.read_file(folder_ / "fifo").value(), "");
}

TEST_F(SystemWorldTest, RefusesHugeFiles) {
  write("big", "");
  ASSERT_EQ(::truncate((folder_ / "big").c_str(), SystemWorld::kFileBytesMax + 1), 0);
  EXPECT_EQ(world_.read_file(folder_ / "big").error().code, EFBIG);
}

TEST_F(SystemWorldTest, GlobsInByteOrder) {
  for (const char* name : {"b.ini", "a.ini", "B.ini", ".hidden.ini", "c.conf", "x[1].ini"}) write(name, "");
  ASSERT_EQ(::mkdir((folder_ / "d").c_str(), 0700), 0);
  write("d/e.ini", "");
  EXPECT_THAT(world_.glob(folder_ / "?.ini"), ElementsAre(folder_ / "B.ini", folder_ / "a.ini", folder_ / "b.ini"));
  EXPECT_THAT(world_.glob(folder_ / "[!a].ini"), ElementsAre(folder_ / "B.ini", folder_ / "b.ini"));
  EXPECT_THAT(world_.glob(folder_ / "*/*.ini"), ElementsAre(folder_ / "d/e.ini"));
  EXPECT_THAT(world_.glob(folder_ / "**.conf"), ElementsAre(folder_ / "c.conf"));
  EXPECT_THAT(world_.glob(folder_ / "c.conf"), ElementsAre(folder_ / "c.conf"));
  EXPECT_THAT(world_.glob(folder_ / "none*"), IsEmpty());
  EXPECT_THAT(world_.glob("~/*"), IsEmpty()) << "no ~";
}

TEST_F(SystemWorldTest, TellsFilesFromFolders) {
  write("a", "");
  EXPECT_TRUE(world_.exists(folder_ / "a"));
  EXPECT_FALSE(world_.is_directory(folder_ / "a"));
  EXPECT_FALSE(world_.is_writable_directory(folder_ / "a"));
  EXPECT_TRUE(world_.is_directory(folder_.path()));
  EXPECT_TRUE(world_.is_writable_directory(folder_.path()));
  EXPECT_FALSE(world_.exists(folder_ / "none"));
  EXPECT_FALSE(world_.exists(folder_.path() + std::string{"\0x", 2}));
  ASSERT_EQ(::symlink("none", (folder_ / "dangling").c_str()), 0);
  EXPECT_FALSE(world_.exists(folder_ / "dangling"));
}

TEST_F(SystemWorldTest, KnowsUsersAndGroups) {
  const auto root = world_.user_by_name("root");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->uid, 0u);
  EXPECT_EQ(root->gid, 0u);
  EXPECT_EQ(root->home, "/root");
  ASSERT_FALSE(root->groups.empty());
  EXPECT_EQ(root->groups.front(), 0u);
  ASSERT_TRUE(world_.user_by_id(0));
  EXPECT_EQ(world_.user_by_id(0)->name, "root");
  EXPECT_EQ(world_.group_by_name("root"), 0u);
  EXPECT_FALSE(world_.user_by_name("no-such-user-here"));
  EXPECT_FALSE(world_.user_by_name(std::string{"root\0x", 6}));
  EXPECT_FALSE(world_.user_by_id(3'999'999'999u));
  EXPECT_FALSE(world_.group_by_name("no-such-group-here"));
}

TEST_F(SystemWorldTest, KeepsTheEnvironmentOfItsStart) {
  ASSERT_EQ(::setenv("UPKEEP_TEST_VARIABLE", "a=b", 1), 0);
  SystemWorld world;
  ASSERT_EQ(::unsetenv("UPKEEP_TEST_VARIABLE"), 0);
  EXPECT_THAT(world.environment(), testing::Contains(testing::Pair("UPKEEP_TEST_VARIABLE", "a=b")));
}

TEST_F(SystemWorldTest, KnowsItself) {
  EXPECT_NE(world_.host_name(), "");
  EXPECT_TRUE(world_.current_directory().starts_with("/"));
  EXPECT_EQ(world_.current_uid(), ::geteuid());
}

}  // namespace
}  // namespace upkeep::os
