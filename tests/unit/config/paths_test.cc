#include "config/paths.h"

#include <gtest/gtest.h>

#include "fakes/fake_world.h"

namespace upkeep::config {
namespace {

TEST(Paths, DirectoryOf) {
  EXPECT_EQ(directory_of("/a/b"), "/a");
  EXPECT_EQ(directory_of("/a/b/"), "/a/b");
  EXPECT_EQ(directory_of("/a"), "/");
  EXPECT_EQ(directory_of("//a"), "//");
  EXPECT_EQ(directory_of("a//b"), "a");
  EXPECT_EQ(directory_of("a"), "");
  EXPECT_EQ(directory_of(""), "");
}

TEST(Paths, JoinPath) {
  EXPECT_EQ(join_path("/a", "b"), "/a/b");
  EXPECT_EQ(join_path("/a/", "b"), "/a/b");
  EXPECT_EQ(join_path("/a", "/b"), "/b");
  EXPECT_EQ(join_path("", "b"), "b");
}

TEST(Paths, AbsolutePath) {
  FakeWorld world;
  EXPECT_EQ(absolute_path("x/../y/./z", world), "/here/y/z");
  EXPECT_EQ(absolute_path("", world), "/here");
  EXPECT_EQ(absolute_path("/../a//b/", world), "/a/b");
  EXPECT_EQ(absolute_path("//a", world), "//a");
  EXPECT_EQ(absolute_path("///a", world), "/a");
}

TEST(Paths, ExpandUser) {
  FakeWorld world;
  EXPECT_EQ(expand_user("~", world), "/home/me");
  EXPECT_EQ(expand_user("~/x", world), "/home/me/x");
  EXPECT_EQ(expand_user("~web/x", world), "/home/web/x");
  EXPECT_EQ(expand_user("~nobody/x", world), "~nobody/x");
  EXPECT_EQ(expand_user("a~", world), "a~");
  world.variables.clear();
  EXPECT_EQ(expand_user("~/x", world), "/home/web/x") << "without HOME, the user database";
  world.variables = {{"HOME", "/"}};
  EXPECT_EQ(expand_user("~", world), "/");
  EXPECT_EQ(expand_user("~/x", world), "/x");
}

TEST(Paths, TemporaryDirectory) {
  FakeWorld world;
  EXPECT_EQ(temporary_directory(world), "/tmp");
  world.variables = {{"TEMP", "/t2"}, {"TMPDIR", "/t1"}};
  world.directories = {"/t2"};
  EXPECT_EQ(temporary_directory(world), "/t2");
  world.directories.insert("/t1");
  EXPECT_EQ(temporary_directory(world), "/t1");
  world.variables.clear();
  EXPECT_EQ(temporary_directory(world), "/here");
}

}  // namespace
}  // namespace upkeep::config
