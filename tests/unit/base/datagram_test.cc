#include "base/datagram.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace upkeep {
namespace {

class DatagramTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    ours_ = Fd{ends[0]};
    theirs_ = Fd{ends[1]};
  }
  Fd ours_, theirs_;
  Datagram got_;
};

TEST_F(DatagramTest, CarriesBytesAndDescriptorsTogether) {
  auto pipe = Pipe::make();
  ASSERT_TRUE(pipe);
  ASSERT_EQ(send_datagram(ours_.get(), "hello", {pipe->write.get()}), 0);
  ASSERT_EQ(receive_datagram(theirs_.get(), 64, got_), Received::Message);
  EXPECT_EQ(got_.bytes, "hello");
  ASSERT_EQ(got_.fds.size(), 1U);
  EXPECT_TRUE(::fcntl(got_.fds[0].get(), F_GETFD) & FD_CLOEXEC);
  ASSERT_EQ(::write(got_.fds[0].get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(pipe->read.get(), &byte, 1), 1);
}

TEST_F(DatagramTest, TellsNothingFromTheEnd) {
  EXPECT_EQ(receive_datagram(theirs_.get(), 64, got_), Received::Nothing);
  ASSERT_EQ(send_datagram(ours_.get(), "last words", {}), 0);
  ours_.reset();
  EXPECT_EQ(receive_datagram(theirs_.get(), 64, got_), Received::Message);
  EXPECT_EQ(receive_datagram(theirs_.get(), 64, got_), Received::Closed);
}

TEST_F(DatagramTest, LastWordsAreReadAlsoWhenOursWereNot) {
  ASSERT_EQ(send_datagram(theirs_.get(), "never read", {}), 0);
  ASSERT_EQ(send_datagram(ours_.get(), "last words", {}), 0);
  ours_.reset();  // the kernel reports ECONNRESET once, ahead of what is queued
  ASSERT_EQ(receive_datagram(theirs_.get(), 64, got_), Received::Message);
  EXPECT_EQ(got_.bytes, "last words");
}

TEST_F(DatagramTest, WhatDoesNotFitIsMarked) {
  ASSERT_EQ(send_datagram(ours_.get(), "too long", {}), 0);
  ASSERT_EQ(receive_datagram(theirs_.get(), 3, got_), Received::Message);
  EXPECT_TRUE(got_.truncated);
}

TEST_F(DatagramTest, DescriptorsWithoutAFreeSlotAreMarked) {
  ASSERT_EQ(send_datagram(ours_.get(), "x", {ours_.get(), ours_.get()}), 0);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const Fd next{::fcntl(ours_.get(), F_DUPFD_CLOEXEC, 0)};
  const rlimit tight{static_cast<rlim_t>(next.get()) + 1, before.rlim_max};  // not one more
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  const Received received = receive_datagram(theirs_.get(), 64, got_);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_EQ(received, Received::Message);
  EXPECT_TRUE(got_.truncated);
}

TEST_F(DatagramTest, AFullSocketSaysSo) {
  int error = 0;
  for (int i = 0; i < 100'000 && error == 0; ++i) error = send_datagram(ours_.get(), std::string(1024, 'x'), {});
  EXPECT_EQ(error, EAGAIN);
}

}  // namespace
}  // namespace upkeep
