// What a watcher is told of, once for any number of changes.
#include "services/directory_watch.h"

#include <gtest/gtest.h>

#include "unit/services/service_folder.h"

namespace upkeep::services {
namespace {

class DirectoryWatchTest : public testing::Test {
 protected:
  DirectoryWatchTest() {
    folder_.make("scan/a/run");
    watch_ = DirectoryWatch::make(loop_, [this] { ++told_; });
    EXPECT_TRUE(watch_ && watch_->add(folder_.open("scan").get()));
  }
  // How often it told of what happened since.
  int told() {
    for (int i = 0; i < 3; ++i) loop_.turn(Duration{0});
    return std::exchange(told_, 0);
  }
  ServiceFolder folder_;
  os::Loop loop_;
  std::unique_ptr<DirectoryWatch> watch_;
  int told_ = 0;
};

TEST_F(DirectoryWatchTest, IsSilentWhileNothingHappens) { EXPECT_EQ(told(), 0); }

TEST_F(DirectoryWatchTest, TellsOfWhatComesAndGoes) {
  folder_.make("scan/b/");
  EXPECT_EQ(told(), 1);
  std::filesystem::rename(folder_ / "scan/b", folder_ / "scan/c");
  EXPECT_EQ(told(), 1);
  std::filesystem::rename(folder_ / "scan/c", folder_ / "away");
  EXPECT_EQ(told(), 1);
  std::filesystem::rename(folder_ / "away", folder_ / "scan/b");
  EXPECT_EQ(told(), 1);
  std::filesystem::remove(folder_ / "scan/b");
  EXPECT_EQ(told(), 1);
  folder_.link("a", "scan/link");
  EXPECT_EQ(told(), 1);
}

TEST_F(DirectoryWatchTest, TellsOnceOfMany) {
  for (int i = 0; i < 500; ++i) folder_.make("scan/x" + std::to_string(i) + "/");
  EXPECT_EQ(told(), 1);
}

TEST_F(DirectoryWatchTest, WhatHappensInsideIsAskedForSeparately) {
  folder_.make("scan/a/file");
  EXPECT_EQ(told(), 0);
  ASSERT_TRUE(watch_->add(folder_ / "scan/a"));
  folder_.make("scan/a/other", 0600);
  EXPECT_EQ(told(), 1);
  ::chmod((folder_ / "scan/a/other").c_str(), 0700);
  EXPECT_EQ(told(), 1);
}

TEST_F(DirectoryWatchTest, SaysWhatCannotBeWatched) {
  EXPECT_FALSE(watch_->add(folder_ / "no-such"));
  EXPECT_FALSE(watch_->add(folder_ / "scan/a/run"));
}

TEST_F(DirectoryWatchTest, TellsNothingOnceItIsGone) {
  folder_.make("scan/b/");
  watch_.reset();
  EXPECT_EQ(told(), 0);
}

}  // namespace
}  // namespace upkeep::services
