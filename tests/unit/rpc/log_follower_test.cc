#include "rpc/log_follower.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "fakes/temporary_folder.h"

namespace upkeep::rpc {
namespace {

constexpr std::size_t kMost = 64 * 1024;

class LogFollowerTest : public testing::Test {
 protected:
  void write(const std::string& bytes, std::ios::openmode mode = std::ios::app) { fakes::put(path_, bytes, mode); }
  LogFollower follow() {
    auto follower = LogFollower::open(path_);
    if (!follower) std::abort();
    return std::move(*follower);
  }

  fakes::TemporaryFolder folder_;
  std::string path_ = folder_ / "log";
};

TEST_F(LogFollowerTest, StartsWithTheLastKilobyte) {
  write(std::string(5000, 'a') + std::string(1000, 'b'));
  LogFollower follower = follow();
  EXPECT_EQ(follower.read(kMost), std::string(24, 'a') + std::string(1000, 'b'));
  EXPECT_EQ(follower.read(kMost), "");
}

TEST_F(LogFollowerTest, TellsWhatIsAppended) {
  write("one\n");
  LogFollower follower = follow();
  EXPECT_EQ(follower.read(kMost), "one\n");
  write("two\nthree\n");
  EXPECT_EQ(follower.read(4), "two\n");
  EXPECT_EQ(follower.read(kMost), "three\n");
}

TEST_F(LogFollowerTest, DrainsTheOldFileBeforeTheNewOne) {
  write("one\n");
  LogFollower follower = follow();
  EXPECT_EQ(follower.read(kMost), "one\n");
  write("last of old\n");
  std::filesystem::rename(path_, path_ + ".1");
  write("first of new\n");
  EXPECT_EQ(follower.read(kMost), "last of old\n");
  EXPECT_EQ(follower.read(kMost), "first of new\n");
  write("second\n");
  EXPECT_EQ(follower.read(kMost), "second\n");
}

TEST_F(LogFollowerTest, KeepsToTheOldFileWhileThereIsNoOther) {
  write("one\n");
  LogFollower follower = follow();
  EXPECT_EQ(follower.read(kMost), "one\n");
  std::filesystem::rename(path_, path_ + ".1");
  EXPECT_EQ(follower.read(kMost), "");
  fakes::put(path_ + ".1", "more\n", std::ios::app);
  EXPECT_EQ(follower.read(kMost), "more\n");
}

TEST_F(LogFollowerTest, SaysThatTheFileWasTruncated) {
  write("one\ntwo\n");
  LogFollower follower = follow();
  EXPECT_EQ(follower.read(kMost), "one\ntwo\n");
  write("new\n", std::ios::trunc);
  EXPECT_EQ(follower.read(kMost), "==> File truncated <==\nnew\n");
  EXPECT_EQ(follower.read(kMost), "");
}

TEST_F(LogFollowerTest, RefusesWhatIsNotARegularFile) {
  EXPECT_EQ(LogFollower::open(path_).error().code, ENOENT);
  EXPECT_FALSE(LogFollower::open("/dev/null"));
  EXPECT_FALSE(LogFollower::open(folder_.path()));
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE(LogFollower::open(path_)) << "and it does not block either";
}

TEST_F(LogFollowerTest, IsNotLedToAFifoByRotation) {
  write("one\n");
  LogFollower follower = follow();
  EXPECT_EQ(follower.read(kMost), "one\n");
  std::filesystem::rename(path_, path_ + ".1");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(follower.read(kMost), "");
}

}  // namespace
}  // namespace upkeep::rpc
