#include "engine/input_queue.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "fakes/fake_control.h"

namespace upkeep::engine {
namespace {

class InputQueueTest : public testing::Test {
 protected:
  InputQueueTest() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) std::abort();
    reader_ = Fd{ends[0]};
    writer_ = Fd{ends[1]};
  }
  // All that the program could read now.
  std::string read() {
    std::string all;
    std::array<char, 4096> buffer;
    for (ssize_t got = 0; (got = ::read(reader_.get(), buffer.data(), buffer.size())) > 0;)
      all.append(buffer.data(), static_cast<std::size_t>(got));
    return all;
  }
  // Fills the pipe so that it takes nothing more; the bytes to read away.
  std::size_t fill() {
    std::size_t total = 0;
    const std::string bytes(4096, '.');
    for (ssize_t put = 0; (put = ::write(writer_.get(), bytes.data(), bytes.size())) > 0;)
      total += static_cast<std::size_t>(put);
    return total;
  }
  // What the next engine finds.
  void die() {
    for (auto& [name, fd] : deposits_.kept) deposits_.from_before[name] = std::move(fd);
    deposits_.kept.clear();
  }

  os::Loop loop_;
  fakes::FakeDeposits deposits_;
  Fd reader_, writer_;
};

TEST_F(InputQueueTest, WritesAtOnceWhatThePipeTakes) {
  InputQueue queue{loop_, deposits_, "stdin:g:p"};
  EXPECT_THAT(deposits_.kept, testing::IsEmpty());
  queue.open(writer_.get());
  ASSERT_TRUE(queue.push("hello\n"));
  EXPECT_EQ(read(), "hello\n");
  EXPECT_EQ(queue.waiting(), 0U);
  ASSERT_TRUE(queue.push("again\n"));
  EXPECT_EQ(read(), "again\n");
  EXPECT_EQ(deposits_.kept.count("stdin:g:p"), 1U);
}

TEST_F(InputQueueTest, KeepsTheRestUntilThePipeHasRoom) {
  InputQueue queue{loop_, deposits_, "q"};
  queue.open(writer_.get());
  const std::size_t filled = fill();
  ASSERT_TRUE(queue.push("one,"));
  ASSERT_TRUE(queue.push("two"));
  EXPECT_EQ(queue.waiting(), 7U);
  EXPECT_EQ(read().size(), filled);
  loop_.turn(std::chrono::seconds{5});
  EXPECT_EQ(read(), "one,two");
  loop_.turn(std::chrono::milliseconds{1});
  EXPECT_EQ(queue.waiting(), 0U);
}

TEST_F(InputQueueTest, RefusesWhatNobodyCanRead) {
  InputQueue queue{loop_, deposits_, "q"};
  EXPECT_EQ(queue.push("x").error().code, EPIPE) << "not open";
  queue.open(writer_.get());
  fill();
  ASSERT_TRUE(queue.push(std::string(kInputBytesMax, 'x')));
  EXPECT_EQ(queue.push("y").error().code, ENOBUFS);
  queue.close();
  EXPECT_THAT(deposits_.kept, testing::IsEmpty());
  queue.open(writer_.get());
  reader_.reset();
  ::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(queue.push("x").error().code, EPIPE);
  EXPECT_FALSE(queue.is_open());
}

TEST_F(InputQueueTest, GoesOnWhereADeadEngineWas) {
  std::size_t filled = 0;
  {
    InputQueue queue{loop_, deposits_, "q"};
    queue.open(writer_.get());
    ASSERT_TRUE(queue.push("sent,"));
    EXPECT_EQ(read(), "sent,");
    filled = fill();
    ASSERT_TRUE(queue.push("waiting"));
    die();
  }
  EXPECT_EQ(read().size(), filled);
  InputQueue queue{loop_, deposits_, "q"};
  EXPECT_EQ(queue.waiting(), 7U);
  queue.open(writer_.get());
  EXPECT_EQ(read(), "waiting");
}

TEST_F(InputQueueTest, KnowsWhatADeadEngineHadQueued) {
  {
    InputQueue queue{loop_, deposits_, "q"};
    queue.open(writer_.get());
    ASSERT_TRUE(queue.ensure("frame one"));
    ASSERT_TRUE(queue.ensure("frame one")) << "an equal one, but not the same";
    die();
  }
  EXPECT_EQ(read(), "frame oneframe one");
  InputQueue queue{loop_, deposits_, "q"};
  queue.open(writer_.get());
  ASSERT_TRUE(queue.ensure("frame one"));
  EXPECT_EQ(read(), "") << "that was sent";
  ASSERT_TRUE(queue.ensure("frame two"));
  EXPECT_EQ(read(), "frame two");
}

TEST_F(InputQueueTest, CompletesWhatADeadEngineHadBegun) {
  {
    InputQueue queue{loop_, deposits_, "q"};
    queue.open(writer_.get());
    fill();
    ASSERT_TRUE(queue.push("frame t"));  // as if killed there
    die();
  }
  (void)read();
  InputQueue queue{loop_, deposits_, "q"};
  fill();
  queue.open(writer_.get());
  ASSERT_TRUE(queue.ensure("frame two"));
  EXPECT_EQ(queue.waiting(), 9U);
}

TEST_F(InputQueueTest, GoesOnAfterWhatHasLeftWasDropped) {
  std::string said, heard;
  {
    InputQueue queue{loop_, deposits_, "q"};
    queue.open(writer_.get());
    for (int number = 0; said.size() < 3 * kSentBytesMax; ++number) {
      const std::string word = std::string(1000, 'x') + std::to_string(number);
      ASSERT_TRUE(queue.push(word));
      said += word;
      heard += read();
      EXPECT_EQ(queue.waiting(), 0U);
    }
    die();
  }
  EXPECT_EQ(heard, said);
  InputQueue queue{loop_, deposits_, "q"};
  queue.open(writer_.get());
  ASSERT_TRUE(queue.push("more"));
  EXPECT_EQ(read(), "more");
}

}  // namespace
}  // namespace upkeep::engine
