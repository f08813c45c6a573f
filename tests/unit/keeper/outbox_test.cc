#include "keeper/outbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/datagram.h"

namespace upkeep::keeper {
namespace {

class OutboxTest : public testing::Test {
 protected:
  OutboxTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    ours_ = Fd{ends[0]};
    theirs_ = Fd{ends[1]};
  }
  // The signal number and sequence of the next message.
  std::pair<int, std::uint64_t> receive() {
    EXPECT_EQ(receive_datagram(theirs_.get(), wire::kMessageBytesMax, last_), Received::Message);
    const auto framed = wire::decode_from_keeper(last_.bytes);
    if (!framed) return {};
    return {std::get<wire::Signalled>(framed->message).number, framed->sequence};
  }
  Outbox outbox_;
  Fd ours_, theirs_;
  Datagram last_;
};

TEST_F(OutboxTest, NumbersMessagesAndKeepsTheirOrder) {
  EXPECT_TRUE(outbox_.empty());
  EXPECT_EQ(outbox_.put(wire::Signalled{1}), 1u);
  EXPECT_EQ(outbox_.put(wire::Signalled{2}), 2u);
  EXPECT_FALSE(outbox_.empty());
  EXPECT_EQ(outbox_.flush(ours_.get()), Outbox::Flow::Done);
  EXPECT_TRUE(outbox_.empty());
  EXPECT_EQ(receive(), (std::pair<int, std::uint64_t>{1, 1}));
  EXPECT_EQ(receive(), (std::pair<int, std::uint64_t>{2, 2}));
}

TEST_F(OutboxTest, WaitsWhileTheEngineDoesNotReadAndLosesNothing) {
  constexpr int kMany = 5000;  // more than any socket buffer takes
  for (int i = 0; i < kMany; ++i) outbox_.put(wire::Signalled{i});
  ASSERT_NE(outbox_.flush(ours_.get()), Outbox::Flow::Broken);
  EXPECT_FALSE(outbox_.empty());
  for (int i = 0; i < kMany; ++i) {
    ASSERT_EQ(receive().first, i);
    ASSERT_NE(outbox_.flush(ours_.get()), Outbox::Flow::Broken);
  }
  EXPECT_TRUE(outbox_.empty());
}

TEST_F(OutboxTest, NoticesThatTheEngineIsGone) {
  outbox_.put(wire::Signalled{1});
  theirs_.reset();
  EXPECT_EQ(outbox_.flush(ours_.get()), Outbox::Flow::Broken);
  outbox_.clear();
  EXPECT_TRUE(outbox_.empty());
}

TEST_F(OutboxTest, DescriptorsRideInOrderAndOwnedOnesAreClosed) {
  auto first = Pipe::make(), second = Pipe::make();
  std::vector<Fd> owned;
  owned.push_back(std::move(second->write));
  const int borrowed = first->write.get(), lent = owned.front().get();
  outbox_.put(wire::Signalled{1}, {borrowed, lent}, std::move(owned));
  ASSERT_EQ(outbox_.flush(ours_.get()), Outbox::Flow::Done);
  EXPECT_EQ(::fcntl(lent, F_GETFD), -1) << "owned: closed once sent";
  EXPECT_NE(::fcntl(borrowed, F_GETFD), -1);
  receive();
  ASSERT_EQ(last_.fds.size(), 2u);
  EXPECT_EQ(::fcntl(last_.fds[0].get(), F_GETFD), FD_CLOEXEC);
  ASSERT_EQ(::write(last_.fds[1].get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(second->read.get(), &byte, 1), 1) << "the second is the second";
}

TEST_F(OutboxTest, KnowsWhetherWhatWaitsBorrows) {
  auto pipe = Pipe::make();
  outbox_.put(wire::Signalled{1});
  std::vector<Fd> owned;
  const int number = owned.emplace_back(std::move(pipe->read)).get();
  outbox_.put(wire::Signalled{2}, {number}, std::move(owned));
  EXPECT_FALSE(outbox_.is_borrowing()) << "what it owns nobody else can close";
  outbox_.put(wire::Signalled{3}, {pipe->write.get()});
  EXPECT_TRUE(outbox_.is_borrowing());
  ASSERT_EQ(outbox_.flush(ours_.get()), Outbox::Flow::Done);
  EXPECT_FALSE(outbox_.is_borrowing());
}

// What an engine said before it was killed must reach the keeper, whatever the keeper had still to tell it.
TEST_F(OutboxTest, LastWordsOfAnEngineThatDidNotReadAreHeard) {
  outbox_.put(wire::Signalled{1});
  ASSERT_EQ(outbox_.flush(ours_.get()), Outbox::Flow::Done);
  ASSERT_EQ(send_datagram(theirs_.get(), wire::encode(wire::FromEngine{wire::Quit{3}}, 1), {}), 0);
  theirs_.reset();  // with a message of ours unread: the socket says ECONNRESET once
  ASSERT_EQ(receive_datagram(ours_.get(), wire::kMessageBytesMax, last_), Received::Message);
  const auto framed = wire::decode_from_engine(last_.bytes);
  ASSERT_TRUE(framed);
  EXPECT_EQ(std::get<wire::Quit>(framed->message).code, 3);
  EXPECT_EQ(receive_datagram(ours_.get(), wire::kMessageBytesMax, last_), Received::Closed);
}

}  // namespace
}  // namespace upkeep::keeper
