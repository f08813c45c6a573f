#include "keeper/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace upkeep::keeper {
namespace {

// A program's end of the pipe, the keeper's channel, and an engine that reads the spool through a duplicate.
class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    auto pipe = Pipe::make(O_NONBLOCK);
    program_ = std::move(pipe->write);
    channel_.pipe = std::move(pipe->read);
  }

  void write(const std::string& text) {
    ASSERT_EQ(::write(program_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::int64_t hold(std::int64_t room = kSpoolBytesMax, bool drop = false) { return channel_.hold(room, drop); }
  Fd lend_spool() { return std::move(*channel_.spool.duplicate()); }
  static std::string read(const Fd& spool, std::size_t most) {
    std::string bytes(most, '\0');
    const ssize_t count = ::read(spool.get(), bytes.data(), most);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }
  std::int64_t spool_size() {
    struct stat status {};
    return ::fstat(channel_.spool.get(), &status) == 0 ? status.st_size : -1;
  }

  Fd program_;
  Channel channel_;
};

TEST_F(ChannelTest, ANewChannelHasNoSpool) {
  EXPECT_EQ(channel_.settle_spool(), 0);
  EXPECT_FALSE(channel_.spool);
}

TEST_F(ChannelTest, AHeldChannelKeepsTheBytesInOrder) {
  write("one ");
  EXPECT_EQ(hold(), 4);
  write("two");
  EXPECT_EQ(hold(), 3);
  EXPECT_EQ(channel_.settle_spool(), 7);
  EXPECT_EQ(read(lend_spool(), 100), "one two");
  EXPECT_EQ(channel_.dropped, 0u);
}

TEST_F(ChannelTest, NothingToReadIsNoEnd) {
  EXPECT_EQ(hold(), 0);
  EXPECT_FALSE(channel_.ended);
}

TEST_F(ChannelTest, SeesTheEnd) {
  write("last");
  program_.reset();
  EXPECT_EQ(hold(), 4);
  EXPECT_FALSE(channel_.ended);
  EXPECT_EQ(hold(), 0);
  EXPECT_TRUE(channel_.ended);
  EXPECT_EQ(read(lend_spool(), 100), "last");
}

TEST_F(ChannelTest, AReaderThatDiesHalfWayLeavesTheRest) {
  write("consumed|left");
  hold();
  {
    const Fd lent = lend_spool();
    EXPECT_EQ(read(lent, 9), "consumed|");
  }  // the engine dies
  EXPECT_EQ(channel_.settle_spool(), 4);
  write(" and new");
  EXPECT_EQ(hold(), 8);
  EXPECT_EQ(channel_.settle_spool(), 12);
  EXPECT_EQ(read(lend_spool(), 100), "left and new") << "nothing lost, nothing repeated, order kept";
}

TEST_F(ChannelTest, ASpoolReadToItsEndGivesItsMemoryBack) {
  write("all of it");
  hold();
  EXPECT_EQ(read(lend_spool(), 100), "all of it");
  EXPECT_EQ(channel_.settle_spool(), 0);
  EXPECT_EQ(spool_size(), 0);
  write("next");
  hold();
  EXPECT_EQ(channel_.settle_spool(), 4);
  EXPECT_EQ(read(lend_spool(), 100), "next");
}

TEST_F(ChannelTest, AReaderThatDiesBetweenTruncatingAndRewindingIsUnderstood) {
  write("all of it");
  hold();
  const Fd lent = lend_spool();
  EXPECT_EQ(read(lent, 100), "all of it");
  ASSERT_EQ(::ftruncate(lent.get(), 0), 0);  // and dies before lseek: the position is beyond the end
  EXPECT_EQ(channel_.settle_spool(), 0);
  write("next");
  hold();
  EXPECT_EQ(read(lend_spool(), 100), "next") << "no hole, no bytes skipped";
}

TEST_F(ChannelTest, ReadsNoMoreThanThereIsRoomFor) {
  write("0123456789");
  EXPECT_EQ(hold(4), 4);
  EXPECT_EQ(hold(0), 0) << "back-pressure: what has no room stays in the pipe";
  EXPECT_EQ(channel_.dropped, 0u);
  EXPECT_EQ(hold(100), 6);
  EXPECT_EQ(read(lend_spool(), 100), "0123456789");
}

TEST_F(ChannelTest, DropsTheNewestWhenTold) {
  write("kept");
  hold();
  write("dropped");
  EXPECT_EQ(hold(0, true), 0);
  EXPECT_EQ(channel_.dropped, 7u);
  EXPECT_EQ(read(lend_spool(), 100), "kept");
  program_.reset();
  hold(0, true);
  EXPECT_TRUE(channel_.ended);
  EXPECT_EQ(channel_.dropped, 7u);
}

TEST_F(ChannelTest, DropsWithoutEverHavingHadASpool) {
  write("dropped");
  EXPECT_EQ(hold(0, true), 0);
  EXPECT_EQ(channel_.dropped, 7u);
  EXPECT_FALSE(channel_.spool);
}

TEST_F(ChannelTest, MovesMuchInSteps) {
  std::string expected;
  std::string chunk(60'000, 'a');
  for (char letter = 'a'; letter < 'k'; ++letter) {
    chunk.assign(chunk.size(), letter);
    expected += chunk;
    write(chunk);
    for (std::int64_t left = static_cast<std::int64_t>(chunk.size()); left > 0;) {
      const std::int64_t moved = hold();
      ASSERT_GT(moved, 0);
      left -= moved;
    }
  }
  EXPECT_EQ(channel_.settle_spool(), static_cast<std::int64_t>(expected.size()));
  EXPECT_TRUE(read(lend_spool(), expected.size()) == expected);
}

}  // namespace
}  // namespace upkeep::keeper
