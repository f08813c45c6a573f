#include "logs/stdio_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "fakes/temporary_folder.h"
#include "logs/writer_thread.h"
#include "os/file.h"
#include "unit/logs/trouble_list.h"

namespace upkeep::logs {
namespace {

using namespace std::chrono_literals;
using fakes::content;
using fakes::TemporaryFolder;

std::string take(const Fd& reader) {  // what is there now
  std::string all, piece(1 << 16, '\0');
  for (ssize_t got = 0; (got = ::read(reader.get(), piece.data(), piece.size())) > 0;)
    all.append(piece, 0, static_cast<std::size_t>(got));
  return all;
}

std::string line(int number) { return "line " + std::to_string(number) + std::string(1000, '.') + "\n"; }

class StdioSinkTest : public testing::Test {
 protected:
  void SetUp() override { ::signal(SIGPIPE, SIG_IGN); }
  void TearDown() override { ::signal(SIGPIPE, SIG_DFL); }

  // Reads and lets the sink write until nothing waits.
  std::string read_until_empty(const StdioSink& sink, const Fd& reader) {
    std::string got;
    const Instant deadline = monotonic_now() + 10s;
    while (sink.queued() > 0 && monotonic_now() < deadline) {
      got += take(reader);
      loop_.turn(10ms);
    }
    return got + take(reader);
  }

  os::Loop loop_;
  TroubleList troubles_;
};

TEST_F(StdioSinkTest, AReaderThatStopsCostsLinesNotTime) {
  Pipe pipe = Pipe::make(O_NONBLOCK).value();
  StdioSink sink{loop_, std::move(pipe.write), "/dev/stdout", troubles_.report()};
  std::string expected;
  std::uint64_t dropped = 0;
  for (int i = 0; i < 3000; ++i) {  // 3 MB
    const auto before = sink.dropped();
    sink.write(line(i));
    if (sink.dropped() == before)
      expected += line(i);
    else
      dropped += line(i).size();
  }
  EXPECT_LE(sink.queued(), kStdioQueueBytes);
  EXPECT_GT(sink.queued(), kStdioQueueBytes - 2000);
  ASSERT_EQ(troubles_.seen.size(), 1u);
  EXPECT_EQ(troubles_.seen[0].kind, SinkTrouble::Kind::Failing);
  EXPECT_EQ(troubles_.seen[0].path, "/dev/stdout");

  EXPECT_EQ(read_until_empty(sink, pipe.read), expected);  // whole lines, in order
  ASSERT_EQ(troubles_.seen.size(), 2u);
  EXPECT_EQ(troubles_.seen[1].kind, SinkTrouble::Kind::Recovered);
  EXPECT_EQ(troubles_.seen[1].dropped, dropped);
  sink.write("direct");
  EXPECT_EQ(take(pipe.read), "direct");
}

TEST_F(StdioSinkTest, AReaderThatIsGoneNeitherKillsNorSpins) {
  Pipe pipe = Pipe::make(O_NONBLOCK).value();
  StdioSink sink{loop_, std::move(pipe.write), "/dev/stdout", troubles_.report()};
  sink.write(std::string(100'000, 'x'));
  EXPECT_GT(sink.queued(), 0u);
  pipe.read.reset();
  loop_.turn(10s);
  EXPECT_EQ(sink.queued(), 0u);
  sink.write("more");
  ASSERT_EQ(troubles_.seen.size(), 1u);
  EXPECT_EQ(troubles_.seen[0].why, "Broken pipe");
  bool woken = false;
  loop_.on_turn_begin = [&] { woken = true; };
  const Instant before = monotonic_now();
  loop_.turn(50ms);
  EXPECT_TRUE(woken);
  EXPECT_GE(monotonic_now() - before, 50ms);  // nothing wakes the loop any more
}

TEST_F(StdioSinkTest, ABlockingSocketIsWrittenWithoutBlocking) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Fd reader{ends[0]};
  ASSERT_TRUE(set_nonblocking(reader.get()));
  StdioSink sink{loop_, Fd{ends[1]}, "/dev/stderr", troubles_.report()};
  std::string expected;
  for (int i = 0; i < 600; ++i) {
    sink.write(line(i));
    expected += line(i);
  }
  EXPECT_GT(sink.queued(), 0u);
  EXPECT_EQ(read_until_empty(sink, reader), expected);
  EXPECT_TRUE(troubles_.seen.empty());
}

TEST_F(StdioSinkTest, ARegularFileIsContinuedWhereItStands) {
  const TemporaryFolder folder;
  Fd file = os::open_file(folder / "out", O_WRONLY | O_CREAT).value();
  ASSERT_TRUE(os::write_all(file.get(), "the shell wrote this\n"));
  const auto sink = make_stdio_sink(loop_, std::move(file), "/dev/stdout");
  sink->write("and we this\n");
  EXPECT_EQ(content(folder / "out"), "the shell wrote this\nand we this\n");
}

TEST_F(StdioSinkTest, ABlockingPipeIsReopenedAndItsDescriptionLeftAlone) {
  Pipe pipe = Pipe::make().value();
  const Fd kept = pipe.write.duplicate().value();
  const auto sink = make_stdio_sink(loop_, std::move(pipe.write), "/dev/stdout", troubles_.report());
  for (int i = 0; i < 3000; ++i) sink->write(line(i));  // would hang here
  EXPECT_EQ(troubles_.failing(), 1u);
  EXPECT_FALSE(::fcntl(kept.get(), F_GETFL) & O_NONBLOCK);
}

TEST_F(StdioSinkTest, CannotSplice) {
  Pipe pipe = Pipe::make(O_NONBLOCK).value();
  StdioSink sink{loop_, std::move(pipe.write), "/dev/stdout"};
  EXPECT_EQ(sink.splice_from(pipe.read.get(), 1).error().code, EINVAL);
}

TEST_F(StdioSinkTest, TriesOnceMoreBeforeItGoes) {
  Pipe pipe = Pipe::make(O_NONBLOCK).value();
  const std::string first(70'000, 'a');
  std::string got;
  {
    StdioSink sink{loop_, std::move(pipe.write), "/dev/stdout"};
    sink.write(first);
    got = take(pipe.read);
    sink.write("the end");
  }
  EXPECT_EQ(got + take(pipe.read), first + "the end");
}

TEST_F(StdioSinkTest, AThreadTakesOverWhereWritesBlock) {
  Pipe pipe = Pipe::make().value();
  ASSERT_TRUE(set_nonblocking(pipe.read.get()));
  WriterThread sink{std::move(pipe.write), "/dev/stdout", troubles_.report()};
  std::string expected;
  std::uint64_t dropped = 0;
  for (int i = 0; i < 3000; ++i) {  // returns although nobody reads
    const auto before = sink.dropped();
    sink.write(line(i));
    if (sink.dropped() == before)
      expected += line(i);
    else
      dropped += line(i).size();
  }
  EXPECT_GT(dropped, 0u);
  EXPECT_EQ(troubles_.failing(), 1u);
  std::string got;
  const Instant deadline = monotonic_now() + 10s;
  while (got.size() < expected.size() && monotonic_now() < deadline) got += take(pipe.read);
  EXPECT_EQ(got, expected);
  while (troubles_.recovered() == 0 && monotonic_now() < deadline) sink.write("x");
  ASSERT_EQ(troubles_.recovered(), 1u);
  EXPECT_EQ(troubles_.seen.back().dropped, sink.dropped());
}

TEST_F(StdioSinkTest, AThreadThatIsStuckHoldsNobodyUp) {
  Pipe pipe = Pipe::make().value();
  const Instant before = monotonic_now();
  {
    WriterThread sink{std::move(pipe.write), "/dev/stdout"};
    sink.write(std::string(200'000, 'x'));
  }
  EXPECT_LT(monotonic_now() - before, 5s);
  pipe.read.reset();  // frees the thread: its write ends with EPIPE
}

TEST_F(StdioSinkTest, AThreadTellsOfErrorsOnTheCallersSide) {
  Pipe pipe = Pipe::make().value();
  pipe.read.reset();
  WriterThread sink{std::move(pipe.write), "/dev/stdout", troubles_.report()};
  const Instant deadline = monotonic_now() + 10s;
  while (troubles_.seen.empty() && monotonic_now() < deadline) sink.write("x");
  ASSERT_EQ(troubles_.failing(), 1u);
  EXPECT_EQ(troubles_.seen[0].why, "Broken pipe");
}

}  // namespace
}  // namespace upkeep::logs
