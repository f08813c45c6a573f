#include "os/name_watch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "fakes/temporary_folder.h"

namespace upkeep::os {
namespace {

using namespace std::chrono_literals;

class NameWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir(folder_.c_str(), 0755), 0);
    std::ofstream{file_} << "x";
  }
  void watch(bool is_lost = false) { names_.watch({{file_, is_lost}}); }
  // Whether it is told within this turn, or a second later at the latest.
  bool is_told() {
    const int before = looks_;
    loop_.turn(0s);
    now_ += kLookInterval;
    loop_.turn(0s);
    return looks_ > before;
  }

  fakes::TemporaryFolder root_;
  std::string folder_ = root_.path() + "/folder", file_ = folder_ + "/file";
  Instant now_{1000s};
  Loop loop_{[this] { return now_; }};
  int looks_ = 0;
  NameWatch names_{loop_, [this] { ++looks_; }};
};

TEST_F(NameWatchTest, TellsOfAnUnlinkedFile) {
  watch();
  EXPECT_FALSE(is_told());
  ASSERT_EQ(::unlink(file_.c_str()), 0);
  EXPECT_TRUE(is_told());
}

TEST_F(NameWatchTest, TellsOfARenamedFile) {
  watch();
  ASSERT_EQ(std::rename(file_.c_str(), (folder_ + "/other").c_str()), 0);
  EXPECT_TRUE(is_told());
}

TEST_F(NameWatchTest, TellsOfAFolderThatWasMovedAway) {
  watch();
  ASSERT_EQ(std::rename(folder_.c_str(), (root_.path() + "/other").c_str()), 0);
  EXPECT_TRUE(is_told());
}

TEST_F(NameWatchTest, SleepsThroughWhatOthersDoInTheFolder) {
  watch();
  std::ofstream{folder_ + "/neighbour"} << "x";
  ASSERT_EQ(::unlink((folder_ + "/neighbour").c_str()), 0);
  EXPECT_FALSE(is_told());
}

TEST_F(NameWatchTest, AwaitsALostFileInTheNearestFolderThereIs) {
  ASSERT_EQ(::unlink(file_.c_str()), 0);
  ASSERT_EQ(::rmdir(folder_.c_str()), 0);
  watch(true);
  EXPECT_FALSE(is_told());
  ASSERT_EQ(::mkdir(folder_.c_str(), 0755), 0);
  EXPECT_TRUE(is_told());
  watch(true);
  std::ofstream{file_} << "x";
  EXPECT_TRUE(is_told());
}

TEST_F(NameWatchTest, IsNotDrivenByAStormOfEvents) {
  watch(true);
  for (int i = 0; i < 100; ++i) {
    std::ofstream{folder_ + "/neighbour" + std::to_string(i)} << "x";
    loop_.turn(0s);
  }
  EXPECT_EQ(looks_, 1);
  now_ += kLookInterval;
  loop_.turn(0s);
  EXPECT_EQ(looks_, 2);
}

TEST_F(NameWatchTest, ForgetsWhatItWatchedBefore) {
  watch();
  names_.watch({});
  ASSERT_EQ(::unlink(file_.c_str()), 0);
  EXPECT_FALSE(is_told());
}

}  // namespace
}  // namespace upkeep::os
