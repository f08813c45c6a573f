#include "logs/channel.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fakes/temporary_folder.h"
#include "logs/file_sink.h"
#include "os/file.h"
#include "unit/logs/memory_sink.h"
#include "unit/logs/numbered_lines.h"

namespace upkeep::logs {
namespace {

using namespace std::chrono_literals;
using fakes::content;
using fakes::TemporaryFolder;

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() { EXPECT_TRUE(set_nonblocking(pipe_.read.get())); }

  std::unique_ptr<Channel> make(Route route, Fd spool = Fd{}) {
    return Channel::make(loop_, tee_, std::move(pipe_.read), std::move(spool), std::move(route)).value();
  }
  void feed(std::string_view text) { ASSERT_TRUE(os::write_all(pipe_.write.get(), text)); }
  template <class Condition>
  bool turn_until(Condition condition) {
    const Instant deadline = monotonic_now() + 20s;
    while (!condition() && monotonic_now() < deadline) loop_.turn(100ms);
    return condition();
  }
  static std::function<std::size_t(std::string_view, bool)> into(std::string& seen) {
    return [&seen](std::string_view bytes, bool) {
      seen += bytes;
      return bytes.size();
    };
  }
  static Route copying(std::shared_ptr<Sink> sink) {  // through a reader
    return {nullptr, [sink = std::move(sink)](std::string_view bytes, bool) {
              sink->write(bytes);
              return bytes.size();
            }};
  }
  std::shared_ptr<Sink> file() { return FileSink::open(folder_ / "log", {}).value(); }
  std::string logged() const { return content(folder_ / "log"); }

  TemporaryFolder folder_;
  os::Loop loop_;
  TeePipe tee_ = TeePipe::make().value();
  Pipe pipe_ = Pipe::make().value();
};

TEST_F(ChannelTest, SplicesWhenNobodyLooks) {
  const auto channel = make({file(), {}});
  feed("hello\n");
  EXPECT_TRUE(turn_until([&] { return channel->bytes() == 6; }));
  EXPECT_EQ(logged(), "hello\n");
  EXPECT_EQ(channel->copied(), 0u);
}

TEST_F(ChannelTest, AReaderGetsTheBytesInsteadOfTheSink) {
  std::string seen;
  const auto channel = make({file(), into(seen)});
  feed("hello\n");
  EXPECT_TRUE(turn_until([&] { return channel->bytes() == 6; }));
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(seen, "hello\n");
  EXPECT_EQ(channel->copied(), 6u);
}

TEST_F(ChannelTest, RoutesChangeBetweenChunks) {
  std::string seen;
  const auto memory = std::make_shared<MemorySink>();
  const auto channel = make({nullptr, {}});
  const auto carry = [&](const char* text) {
    feed(text);
    channel->drain();
  };
  carry("discarded ");
  channel->set_route({memory, {}});
  carry("memory ");
  channel->set_route({file(), {}});
  carry("file ");
  channel->set_route({nullptr, into(seen)});
  carry("read");
  EXPECT_EQ(memory->bytes, "memory ");
  EXPECT_EQ(logged(), "file ");
  EXPECT_EQ(seen, "read");
  EXPECT_EQ(channel->bytes(), 26u);
  EXPECT_EQ(channel->copied(), 11u);
  EXPECT_FALSE(channel->is_at_end());
}

TEST_F(ChannelTest, EndOfFileComesOnceTheLastWriterIsGone) {
  const auto channel = make({file(), {}});
  Fd grandchild = pipe_.write.duplicate().value();
  feed("from the program\n");
  pipe_.write.reset();
  channel->drain();
  EXPECT_EQ(logged(), "from the program\n");
  EXPECT_FALSE(channel->is_at_end());
  ASSERT_TRUE(os::write_all(grandchild.get(), "from its child\n"));
  grandchild.reset();
  EXPECT_TRUE(turn_until([&] { return channel->is_at_end(); }));
  EXPECT_EQ(logged(), "from the program\nfrom its child\n");
  channel->drain();  // harmless
}

TEST_F(ChannelTest, ATurnIsBounded) {
  ASSERT_GE(::fcntl(pipe_.write.get(), F_SETPIPE_SZ, 1 << 20), 1 << 20);
  std::string seen;
  for (const bool is_read : {false, true}) {
    if (!pipe_.read) {
      pipe_ = Pipe::make().value();
      ASSERT_TRUE(set_nonblocking(pipe_.read.get()));
      ASSERT_GE(::fcntl(pipe_.write.get(), F_SETPIPE_SZ, 1 << 20), 1 << 20);
    }
    const auto channel = make(is_read ? Route{nullptr, into(seen)} : Route{file()});
    feed(std::string(1 << 20, 'x'));
    loop_.turn(10s);
    EXPECT_GT(channel->bytes(), 0u);
    EXPECT_LE(channel->bytes(), kTurnBytes + kPeekBytes);
    channel->drain();
    EXPECT_EQ(channel->bytes(), 1u << 20);
  }
}

TEST_F(ChannelTest, DrainingEndsEvenIfSomebodyWritesForEver) {
  const auto channel = make({nullptr, {}});
  ChildProcess writer{[&] { write_numbered_lines(pipe_.write.get(), 0, std::size_t{1} << 40); }};
  ASSERT_TRUE(turn_until([&] { return channel->bytes() > 0; }));
  const auto before = channel->bytes();
  channel->drain();
  EXPECT_LE(channel->bytes() - before, kDrainBytes + kPeekBytes);
}

// --- spool
// ------------------------------------------------------------------------------------------------------------

class ChannelSpoolTest : public ChannelTest, public testing::WithParamInterface<bool> {
 protected:
  Route route() { return GetParam() ? copying(file()) : Route{file()}; }
};

TEST_P(ChannelSpoolTest, GoesFirstFromWhereItsReaderStoodAndIsEmptiedAfterwards) {
  const std::string spooled = numbered_lines(0, 50'000);
  const Fd spool = os::make_memfd("spool", spooled, os::Sealing::Open).value();
  ASSERT_EQ(::lseek(spool.get(), 3 * kLineBytes, SEEK_SET), 3 * static_cast<off_t>(kLineBytes));
  feed("from the pipe\n");
  const auto channel = make(route(), spool.duplicate().value());
  EXPECT_TRUE(turn_until([&] { return channel->bytes() == spooled.size() - 3 * kLineBytes + 14; }));
  EXPECT_EQ(logged(), spooled.substr(3 * kLineBytes) + "from the pipe\n");
  struct stat status {};
  ASSERT_EQ(::fstat(spool.get(), &status), 0);
  EXPECT_EQ(status.st_size, 0);
  EXPECT_EQ(::lseek(spool.get(), 0, SEEK_CUR), 0);
}

TEST_P(ChannelSpoolTest, IsCarriedThoughThePipeStaysSilent) {
  const auto channel = make(route(), os::make_memfd("spool", std::string(300'000, 'x'), os::Sealing::Open).value());
  loop_.turn(10s);
  EXPECT_EQ(channel->bytes(), kTurnBytes);
  EXPECT_TRUE(turn_until([&] { return channel->bytes() == 300'000; }));
}

TEST_P(ChannelSpoolTest, ADeferredTurnDoesNotOutliveTheChannel) {
  auto channel = make(route(), os::make_memfd("spool", "bytes", os::Sealing::Open).value());
  channel.reset();
  loop_.turn(0ms);
  EXPECT_EQ(logged(), "");
}

INSTANTIATE_TEST_SUITE_P(SplicedAndRead, ChannelSpoolTest, testing::Bool());

// --- a reader that does not accept everything
// --------------------------------------------------------------------------------

// Accepts whole words only, each with the full stop that ends it.
struct Words {
  std::string seen;
  int shown = 0;
  std::function<std::size_t(std::string_view, bool)> reader() {
    return [this](std::string_view bytes, bool at_end) {
      ++shown;
      const std::size_t accepted = at_end ? bytes.size() : bytes.rfind('.') + 1;
      seen += bytes.substr(0, accepted);
      return accepted;
    };
  }
};

class ChannelRestTest : public ChannelTest, public testing::WithParamInterface<bool> {
 protected:
  ChannelRestTest() {
    EXPECT_TRUE(tee_.tells_of_every_write()) << "a kernel that cannot keep rests in pipes";
    if (!GetParam()) tee_.assume_silent_kernel();
  }
  void settle() {
    for (int turn = 0; turn < 5; ++turn) loop_.turn(0ms);
  }
  std::size_t waiting_in_pipe(const Channel& channel) {
    int bytes = 0;
    EXPECT_EQ(::ioctl(channel.pipe_fd(), FIONREAD, &bytes), 0);
    return static_cast<std::size_t>(bytes);
  }
  Words words_;
};

TEST_P(ChannelRestTest, TheRestIsShownAgainWithWhatFollows) {
  const auto channel = make({nullptr, words_.reader()});
  for (const char* piece : {"one.tw", "o.", "thr", "e", "e.fou"}) {
    feed(piece);
    settle();
  }
  EXPECT_EQ(words_.seen, "one.two.three.");
  EXPECT_EQ(channel->bytes(), 14u);
  EXPECT_EQ(waiting_in_pipe(*channel), GetParam() ? 3u : 0u);  // where it may, it stays where a crash does not harm it
}

TEST_P(ChannelRestTest, ARestDoesNotKeepTheLoopBusy) {
  const auto channel = make({nullptr, words_.reader()});
  feed("res");
  settle();
  const int shown = words_.shown;
  settle();
  const Instant before = monotonic_now();
  loop_.turn(50ms);
  EXPECT_GE(monotonic_now() - before, 40ms);
  EXPECT_EQ(words_.shown, shown);
  feed("t.");
  loop_.turn(10s);
  EXPECT_EQ(words_.seen, "rest.");
}

TEST_P(ChannelRestTest, AtEndOfFileTheRestGoesOut) {
  bool ended = false;
  const auto channel = make({nullptr, words_.reader(), [&] { ended = true; }});
  feed("one.re");
  settle();
  EXPECT_FALSE(ended);
  feed("st");
  pipe_.write.reset();
  EXPECT_TRUE(turn_until([&] { return channel->is_at_end(); }));
  EXPECT_EQ(words_.seen, "one.rest");
  EXPECT_TRUE(ended);
}

TEST_P(ChannelRestTest, DrainingDoesNotWaitForGrandchildren) {
  const auto channel = make({nullptr, words_.reader()});
  feed("one.rest");
  channel->drain();
  EXPECT_EQ(words_.seen, "one.rest");
  EXPECT_FALSE(channel->is_at_end());
}

TEST_P(ChannelRestTest, ARestOfTheSpoolIsJoinedWithThePipe) {
  const Fd spool = os::make_memfd("spool", "one.tw", os::Sealing::Open).value();
  const auto channel = make({nullptr, words_.reader()}, spool.duplicate().value());
  settle();
  EXPECT_EQ(words_.seen, "one.");
  if (GetParam()) {
    EXPECT_EQ(::lseek(spool.get(), 0, SEEK_CUR), 4);
  }
  const int shown = words_.shown;
  settle();
  EXPECT_EQ(words_.shown, shown);  // nor does this one keep the loop busy
  feed("o");
  settle();
  EXPECT_EQ(words_.seen, "one.");
  feed(".three");
  settle();
  EXPECT_EQ(words_.seen, "one.two.");
  EXPECT_EQ(channel->spool_fd(), -1);
  pipe_.write.reset();
  EXPECT_TRUE(turn_until([&] { return channel->is_at_end(); }));
  EXPECT_EQ(words_.seen, "one.two.three");
}

// However the turns divide it: the last piece of a turn may be shorter than a word.
TEST_P(ChannelRestTest, ALongSpoolIsReadInOrder) {
  std::string text;
  for (int word = 0; word < 3000; ++word) text += std::to_string(word) + std::string(90, 'x') + ".";
  const auto channel = make({nullptr, words_.reader()}, os::make_memfd("spool", text, os::Sealing::Open).value());
  feed("last.");
  EXPECT_TRUE(turn_until([&] { return words_.seen.size() == text.size() + 5; }));
  EXPECT_TRUE(words_.seen == text + "last.");
}

TEST_P(ChannelRestTest, ARestOfTheSpoolAloneGoesOutAtTheEnd) {
  const auto channel = make({nullptr, words_.reader()}, os::make_memfd("spool", "rest", os::Sealing::Open).value());
  settle();
  pipe_.write.reset();
  EXPECT_TRUE(turn_until([&] { return channel->is_at_end(); }));
  EXPECT_EQ(words_.seen, "rest");
  EXPECT_EQ(channel->spool_fd(), -1);
}

// The program could write no more, and the end of its line would never come.
TEST_P(ChannelRestTest, ARestThatFillsThePipeIsTakenOut) {
  ASSERT_GE(::fcntl(pipe_.write.get(), F_SETPIPE_SZ, 2 * ::getpagesize()), 2 * ::getpagesize());
  ASSERT_TRUE(set_nonblocking(pipe_.write.get()));
  const auto channel = make({nullptr, words_.reader()});
  const std::string piece(static_cast<std::size_t>(::getpagesize()) / 2 + 1, 'x');  // two do not fit into one page
  for (int i = 0; i < 20; ++i) {
    feed(piece);
    settle();
  }
  EXPECT_EQ(words_.seen, "");
  feed(".");
  settle();
  EXPECT_EQ(words_.seen.size(), 20 * piece.size() + 1);
}

INSTANTIATE_TEST_SUITE_P(InThePipeAndOut, ChannelRestTest, testing::Bool());

// --- under load, and killed
// -------------------------------------------------------------------------------------------

TEST_F(ChannelTest, SplicedAndReadCopiesOfAHeavyStreamAreIdentical) {
#ifdef UPKEEP_SANITIZED
  constexpr std::size_t kLines = (5u << 20) / kLineBytes;
#else
  constexpr std::size_t kLines = (50u << 20) / kLineBytes;
#endif
  const auto second = FileSink::open(folder_ / "second", {}).value();
  Pipe other = Pipe::make().value();
  ASSERT_TRUE(set_nonblocking(other.read.get()));
  ChildProcess writer{[&] { write_numbered_lines(pipe_.write.get(), 0, kLines); }};
  ChildProcess other_writer{[&] { write_numbered_lines(other.write.get(), 0, kLines); }};
  pipe_.write.reset();
  other.write.reset();
  const auto spliced = make({file(), {}});
  const auto copied = Channel::make(loop_, tee_, std::move(other.read), Fd{}, copying(second)).value();
  ASSERT_TRUE(turn_until([&] { return spliced->is_at_end() && copied->is_at_end(); }));
  const std::string expected = numbered_lines(0, kLines);
  EXPECT_TRUE(logged() == expected);  // not EXPECT_EQ: nobody wants to read 50 MB
  EXPECT_TRUE(content(folder_ / "second") == expected);
  EXPECT_EQ(copied->copied(), expected.size());
  EXPECT_EQ(spliced->copied(), 0u);
}

class ChannelKillTest : public ChannelTest {
 protected:
  // Carries the spool's lines and then the writer's through a sequence of readers, each but the last killed at a random
  // moment. Returns how long the file was after each of them.
  std::vector<std::size_t> carry_through_kills(bool copies, FileSettings settings = {}) {
    const Fd spool = os::make_memfd("spool", numbered_lines(0, kSpooled), os::Sealing::Open).value();
    ChildProcess writer{[&] { write_numbered_lines(pipe_.write.get(), kSpooled, kLines); }};
    pipe_.write.reset();
    std::vector<std::size_t> ends;
    while (ends.size() < kKills) {
      ChildProcess reader{[&] { read_to_end(spool, copies, settings); }};
      ::usleep(static_cast<useconds_t>(std::rand() % 3000));
      reader.kill();
      struct stat status {};
      ends.push_back(::stat((folder_ / "log").c_str(), &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0);
    }
    ChildProcess{[&] { read_to_end(spool, copies, settings); }}.wait();
    return ends;
  }

  static constexpr std::size_t kKills = 40;
  static constexpr std::size_t kSpooled = (1u << 20) / kLineBytes;
  static constexpr std::size_t kLines = (50u << 20) / kLineBytes;

 private:
  void read_to_end(const Fd& spool, bool copies, FileSettings settings) {
    os::Loop loop;
    TeePipe tee = TeePipe::make().value();
    const auto file = FileSink::open(folder_ / "log", settings).value();
    const auto channel = Channel::make(loop, tee, pipe_.read.duplicate().value(), spool.duplicate().value(),
                                       copies ? copying(file) : Route{file})
                             .value();
    while (!channel->is_at_end()) loop.turn();
  }
};

TEST_F(ChannelKillTest, SplicedBytesAreNeitherLostNorRepeated) {
  (void)carry_through_kills(false);
  EXPECT_TRUE(logged() == numbered_lines(0, kLines));
}

TEST_F(ChannelKillTest, NotEvenIfTheFileRotates) {
  constexpr int kBackups = 1000;
  (void)carry_through_kills(false, {512 << 10, kBackups, 0666});
  std::string got;
  for (int number = kBackups; number > 0; --number) got += content(folder_ / ("log." + std::to_string(number)));
  EXPECT_TRUE(got + logged() == numbered_lines(0, kLines));
}

TEST_F(ChannelKillTest, CopiedBytesAreNeverLostAndHardlyRepeated) {
  const auto ends = carry_through_kills(true);
  const std::string expected = numbered_lines(0, kLines), got = logged();
  std::size_t place = 0;  // in the stream, of the next byte that nobody has carried yet
  std::size_t start = 0;
  const auto check = [&](std::size_t end) {
    const std::string_view piece = std::string_view{got}.substr(start, end - start);
    if (piece.empty()) return;
    const std::size_t again = place_of(piece);
    EXPECT_LE(again, place) << "lost before byte " << start << " of the log";
    EXPECT_LE(place - again, kPeekBytes) << "repeated at byte " << start << " of the log";
    EXPECT_TRUE(expected.substr(again, piece.size()) == piece);
    place = again + piece.size();
    start = end;
  };
  for (const std::size_t end : ends) check(end);
  check(got.size());
  EXPECT_EQ(place, expected.size());
}

}  // namespace
}  // namespace upkeep::logs
