#include "logs/file_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <limits>

#include "fakes/temporary_folder.h"
#include "unit/logs/trouble_list.h"

namespace upkeep::logs {
namespace {

using fakes::content;
using fakes::put;
using fakes::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<FileSink> open_sink(const std::string& path, std::int64_t max_bytes = 0, int backups = 0,
                                    TroubleReport report = {}) {
  auto sink = FileSink::open(path, {max_bytes, backups, 0666}, std::move(report));
  EXPECT_TRUE(sink) << path;
  return sink ? *sink : nullptr;
}

// Runs the body in a child, where limits and dispositions may be changed. The body returns 0 for success.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = -1;
  (void)::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void limit_file_size(rlim_t bytes) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

Pipe pipe_with(const std::string& bytes) {
  Pipe pipe = Pipe::make(O_NONBLOCK).value();
  EXPECT_EQ(::write(pipe.write.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return pipe;
}

// --- names, modes, rotation
// -------------------------------------------------------------------------------------------

TEST(FileSink, CreatesSubjectToUmaskAndContinuesWhatExists) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  open_sink(folder / "named")->write("one\n");
  ASSERT_TRUE(FileSink::open(folder / "auto", {0, 0, 0600}));
  ::umask(before);
  open_sink(folder / "named")->write("two\n");
  EXPECT_EQ(content(folder / "named"), "one\ntwo\n");
  struct stat status {};
  ASSERT_EQ(::stat((folder / "named").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
  ASSERT_EQ(::stat((folder / "auto").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(FileSink, RefusesWhatCannotBeOpened) {
  const TemporaryFolder folder;
  EXPECT_EQ(FileSink::open(folder / "no/log", {}).error().code, ENOENT);
  EXPECT_EQ(FileSink::open(folder.path(), {}).error().code, EISDIR);
}

TEST(FileSink, RotatesAfterTheChunkThatReachesTheLimit) {
  const TemporaryFolder folder;
  const auto sink = open_sink(folder / "log", 10, 2);
  sink->write("123456789");
  EXPECT_THAT(folder.names(), ElementsAre("log"));
  sink->write("abc");  // 12 bytes: the chunk is not split
  EXPECT_EQ(content(folder / "log"), "");
  EXPECT_EQ(content(folder / "log.1"), "123456789abc");
  sink->write("second one");
  EXPECT_EQ(content(folder / "log.1"), "second one");
  EXPECT_EQ(content(folder / "log.2"), "123456789abc");
  sink->write("the third one");
  sink->write("rest");
  EXPECT_THAT(folder.names(), ElementsAre("log", "log.1", "log.2"));
  EXPECT_EQ(content(folder / "log"), "rest");
  EXPECT_EQ(content(folder / "log.1"), "the third one");
  EXPECT_EQ(content(folder / "log.2"), "second one");
}

TEST(FileSink, KeepsSurplusBackupsAndFillsGaps) {
  const TemporaryFolder folder;
  put(folder / "log.2", "two");
  put(folder / "log.9", "nine");
  open_sink(folder / "log", 4, 3)->write("full");
  EXPECT_THAT(folder.names(), ElementsAre("log", "log.1", "log.3", "log.9"));
  EXPECT_EQ(content(folder / "log.1"), "full");
  EXPECT_EQ(content(folder / "log.3"), "two");
}

TEST(FileSink, TruncatesWithoutBackups) {
  const TemporaryFolder folder;
  const auto sink = open_sink(folder / "log", 4, 0);
  sink->write("12345");
  EXPECT_EQ(content(folder / "log"), "");
  sink->write("6");
  EXPECT_EQ(content(folder / "log"), "6");
  EXPECT_THAT(folder.names(), ElementsAre("log"));
}

TEST(FileSink, NegativeLimitMeansNone) {
  const TemporaryFolder folder;
  open_sink(folder / "log", -1, 3)->write("anything");
  EXPECT_EQ(content(folder / "log"), "anything");
}

TEST(FileSink, SplicedChunksRotateToo) {
  const TemporaryFolder folder;
  const auto sink = open_sink(folder / "log", 5, 1);
  const Pipe pipe = pipe_with("abcdefgh");
  EXPECT_EQ(sink->splice_from(pipe.read.get(), 6).value(), 6u);
  EXPECT_EQ(sink->splice_from(pipe.read.get(), 6).value(), 2u);
  EXPECT_EQ(sink->splice_from(pipe.read.get(), 6).value(), 0u);
  EXPECT_EQ(content(folder / "log.1"), "abcdef");
  EXPECT_EQ(content(folder / "log"), "gh");
}

TEST(FileSink, ARotationThatFailsLosesNothingAndIsToldOnce) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkdir((folder / "log.1").c_str(), 0755), 0);
  TroubleList troubles;
  const auto sink = open_sink(folder / "log", 4, 1, troubles.report());
  sink->write("1234");
  sink->write("5678");
  EXPECT_EQ(content(folder / "log"), "12345678");
  ASSERT_EQ(troubles.seen.size(), 1u);
  EXPECT_THAT(troubles.seen[0].why, HasSubstr("cannot rotate"));
  ASSERT_EQ(::rmdir((folder / "log.1").c_str()), 0);
  sink->write("9abc");
  EXPECT_EQ(content(folder / "log.1"), "123456789abc");
  EXPECT_EQ(troubles.recovered(), 1u);
  EXPECT_EQ(sink->dropped(), 0u);
}

// --- hands of others in our file
// --------------------------------------------------------------------------------------

TEST(FileSink, ContinuesAfterTruncationAndAppendingFromOutside) {
  const TemporaryFolder folder;
  const auto sink = open_sink(folder / "log");
  const Pipe pipe = pipe_with("spliced");
  sink->write("0123456789");
  ASSERT_EQ(::truncate((folder / "log").c_str(), 0), 0);
  sink->write("a");
  EXPECT_EQ(content(folder / "log"), "a");
  put(folder / "log", "FOREIGN", std::ios::app);
  ASSERT_TRUE(sink->splice_from(pipe.read.get(), 4));
  EXPECT_EQ(content(folder / "log"), "aFOREIGNspli");
  ASSERT_EQ(::truncate((folder / "log").c_str(), 1), 0);
  ASSERT_TRUE(sink->splice_from(pipe.read.get(), 3));
  EXPECT_EQ(content(folder / "log"), "aced");
}

TEST(FileSink, ReopenFollowsTheName) {
  const TemporaryFolder folder;
  const auto sink = open_sink(folder / "log");
  sink->write("old");
  ASSERT_EQ(::rename((folder / "log").c_str(), (folder / "moved").c_str()), 0);
  sink->write(" still");
  sink->reopen();
  sink->write("new");
  EXPECT_EQ(content(folder / "moved"), "old still");
  EXPECT_EQ(content(folder / "log"), "new");
}

TEST(FileSink, RemovingKeepsBackupsAndWhatReadersHaveOpen) {
  const TemporaryFolder folder;
  put(folder / "log.1", "backup");
  const auto sink = open_sink(folder / "log", 100, 1);
  sink->write("old");
  const Fd reader = os::open_file(folder / "log", O_RDONLY).value();
  ASSERT_TRUE(sink->remove());
  EXPECT_EQ(sink->remove().error().code, ENOENT);
  sink->write(" farewell");
  sink->reopen();
  sink->write("new");
  EXPECT_EQ(content(folder / "log"), "new");
  EXPECT_EQ(content(folder / "log.1"), "backup");
  EXPECT_EQ(os::read_all(reader.get()).value(), "old farewell");
}

// --- what is not a regular file
// ---------------------------------------------------------------------------------------

TEST(FileSink, NeverRemovesOrRotatesADevice) {
  const TemporaryFolder folder;
  ASSERT_EQ(::symlink("/dev/null", (folder / "log").c_str()), 0);
  const auto sink = open_sink(folder / "log", 1, 3);
  const Pipe pipe = pipe_with("bytes");
  sink->write("more than a byte");
  EXPECT_EQ(sink->splice_from(pipe.read.get(), 100).value(), 5u);
  EXPECT_TRUE(sink->remove());
  sink->reopen();
  sink->write("again");
  EXPECT_THAT(folder.names(), ElementsAre("log"));
  struct stat status {};
  ASSERT_EQ(::lstat((folder / "log").c_str(), &status), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
  EXPECT_EQ(sink->dropped(), 0u);
}

TEST(FileSink, AFullDeviceIsTroubleAndCannotSplice) {
  TroubleList troubles;
  const auto sink = open_sink("/dev/full", 0, 0, troubles.report());
  const Pipe pipe = pipe_with("bytes");
  EXPECT_EQ(sink->splice_from(pipe.read.get(), 100).error().code, EINVAL);
  sink->write("12345");
  sink->write("678");
  EXPECT_EQ(sink->dropped(), 8u);
  ASSERT_EQ(troubles.seen.size(), 1u);
  EXPECT_EQ(troubles.seen[0].path, "/dev/full");
  EXPECT_EQ(troubles.seen[0].why, "No space left on device");
}

TEST(FileSink, AFifoNeedsNoReaderAndNeverBlocks) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  TroubleList troubles;
  const auto sink = open_sink(folder / "fifo", 10, 2, troubles.report());
  const std::string chunk(4096, 'x');
  for (int i = 0; i < 64; ++i) sink->write(chunk);  // four times what it holds
  EXPECT_EQ(troubles.failing(), 1u);
  EXPECT_GT(sink->dropped(), 0u);
  const Fd reader = os::open_file(folder / "fifo", O_RDONLY | O_NONBLOCK).value();
  std::string got(1 << 20, '\0');
  ASSERT_GT(::read(reader.get(), got.data(), got.size()), 0);
  sink->write("room again");
  ASSERT_EQ(troubles.recovered(), 1u);
  EXPECT_EQ(troubles.seen.back().dropped, sink->dropped());
  EXPECT_THAT(folder.names(), ElementsAre("fifo"));
}

// --- trouble
// ----------------------------------------------------------------------------------------------------------

TEST(FileSink, AFullDiskCountsTellsOnceAndRecovers) {
  const TemporaryFolder folder;
  EXPECT_EQ(in_child([&] {
              TroubleList troubles;
              const auto sink = open_sink(folder / "log", 0, 0, troubles.report());
              limit_file_size(10);
              sink->write("12345678");
              sink->write("abcd");  // two fit
              sink->write("efgh");
              if (sink->dropped() != 6 || troubles.failing() != 1 || troubles.seen[0].why != "File too large") return 1;
              limit_file_size(RLIM_INFINITY);
              sink->write("back");
              if (troubles.recovered() != 1 || troubles.seen.back().dropped != 6) return 2;
              sink->write("!");
              return troubles.seen.size() == 2 ? 0 : 3;
            }),
            0);
  EXPECT_EQ(content(folder / "log"), "12345678abback!");
}

TEST(FileSink, AFullDiskSwallowsWhatItIsGivenToSplice) {
  const TemporaryFolder folder;
  EXPECT_EQ(in_child([&] {
              TroubleList troubles;
              const auto sink = open_sink(folder / "log", 0, 0, troubles.report());
              limit_file_size(4);
              const Pipe pipe = pipe_with("123456789");
              std::size_t moved = 0;
              while (const std::size_t more = sink->splice_from(pipe.read.get(), 100).value_or(0)) moved += more;
              if (moved != 9 || sink->dropped() != 5 || troubles.failing() != 1) return 1;
              limit_file_size(RLIM_INFINITY);
              if (::write(pipe.write.get(), "back", 4) != 4) return 2;
              if (sink->splice_from(pipe.read.get(), 100).value_or(0) != 4) return 3;
              return troubles.recovered() == 1 && troubles.seen.back().dropped == 5 ? 0 : 4;
            }),
            0);
  EXPECT_EQ(content(folder / "log"), "1234back");
}

class FileSinkByTheClock : public testing::Test {
 protected:
  std::shared_ptr<FileSink> open(const std::string& path, FileSettings settings = {}) {
    return FileSink::open(path, settings, troubles_.report(), [this] { return now_; }).value();
  }
  void make_directory(const char* name) { ASSERT_EQ(::mkdir((folder_ / name).c_str(), 0755), 0); }

  TemporaryFolder folder_;
  TroubleList troubles_;
  Instant now_{};
};

TEST_F(FileSinkByTheClock, ADirectoryThatVanishedComesBack) {
  make_directory("d");
  const auto sink = open(folder_ / "d/log");
  const Pipe pipe = pipe_with("spliced");
  std::filesystem::remove_all(folder_ / "d");
  sink->write("lost");
  EXPECT_EQ(sink->splice_from(pipe.read.get(), 100).value(), 7u);
  EXPECT_EQ(sink->dropped(), 11u);
  ASSERT_EQ(troubles_.seen.size(), 1u);
  EXPECT_EQ(troubles_.seen[0].why, "No such file or directory");
  make_directory("d");
  now_ += kOpenAgainAfter - Duration{1};
  sink->write("also");
  now_ += Duration{1};
  sink->write("kept");
  EXPECT_EQ(content(folder_ / "d/log"), "kept");
  ASSERT_EQ(troubles_.seen.size(), 2u);
  EXPECT_EQ(troubles_.seen[1].dropped, 15u);
}

TEST_F(FileSinkByTheClock, AFileThatSomebodyRemovedIsCreatedAnew) {
  const auto sink = open(folder_ / "log");
  sink->write("old");
  ASSERT_EQ(::unlink((folder_ / "log").c_str()), 0);
  sink->write("new");
  EXPECT_EQ(content(folder_ / "log"), "new");
  EXPECT_EQ(sink->dropped(), 0u);
  EXPECT_THAT(troubles_.seen, testing::IsEmpty());
}

TEST_F(FileSinkByTheClock, WhatCannotBeCreatedIsCreatedLater) {
  FileSink sink{folder_ / "d/log", {}, troubles_.report(), [this] { return now_; }};
  EXPECT_EQ(sink.open_or_report().error().code, ENOENT);
  EXPECT_EQ(troubles_.failing(), 1u);
  make_directory("d");
  sink.write("too soon");
  EXPECT_FALSE(sink.is_open());
  now_ += kOpenAgainAfter;
  sink.write("now");
  EXPECT_EQ(content(folder_ / "d/log"), "now");
  ASSERT_EQ(troubles_.recovered(), 1u);
  EXPECT_EQ(troubles_.seen.back().dropped, 8u);
}

TEST_F(FileSinkByTheClock, WhatWasOpenIsWrittenOnWhileItsNameIsInTrouble) {
  const auto sink = open(folder_ / "log");
  sink->write("one ");
  ASSERT_EQ(::rename((folder_ / "log").c_str(), (folder_ / "log.old").c_str()), 0);
  make_directory("log");  // replaced by a directory
  sink->reopen();
  sink->write("two ");
  const Pipe pipe = pipe_with("three");
  EXPECT_EQ(sink->splice_from(pipe.read.get(), 100).value(), 5u);
  EXPECT_EQ(content(folder_ / "log.old"), "one two three");
  ASSERT_EQ(troubles_.seen.size(), 1u);
  EXPECT_THAT(troubles_.seen[0].why, HasSubstr("written on: Is a directory"));
  ASSERT_EQ(::rmdir((folder_ / "log").c_str()), 0);
  now_ += kOpenAgainAfter;
  sink->write("four");
  EXPECT_EQ(content(folder_ / "log"), "four");
  EXPECT_EQ(troubles_.recovered(), 1u);
  EXPECT_EQ(sink->dropped(), 0u);
}

TEST_F(FileSinkByTheClock, AStrayedFileIsNotRotated) {
  const auto sink = open(folder_ / "log", {4, 3, 0666});
  ASSERT_EQ(::rename((folder_ / "log").c_str(), (folder_ / "moved").c_str()), 0);
  make_directory("log");
  sink->reopen();
  sink->write("1234");
  sink->write("5678");
  EXPECT_THAT(folder_.names(), ElementsAre("log", "moved"));
  EXPECT_EQ(content(folder_ / "moved"), "12345678");
}

TEST(FileSink, HugeNumbersOfBackupsCostNothing) {
  const TemporaryFolder folder;
  put(folder / "log.1", "one");
  put(folder / "log.7", "seven");
  put(folder / "log.07", "no backup");
  put(folder / "log.1.gz", "no backup");
  put(folder / "log.99999999999999999999", "no number");
  const auto sink = open_sink(folder / "log", 4, std::numeric_limits<int>::max());
  sink->write("1234");
  EXPECT_EQ(content(folder / "log.1"), "1234");
  EXPECT_EQ(content(folder / "log.2"), "one");
  EXPECT_EQ(content(folder / "log.8"), "seven");
  EXPECT_EQ(folder.names().size(), 7u);
}

TEST(FileSink, AReportThatLogsIntoTheSameSinkDoesNotRecurse) {
  const TemporaryFolder folder;
  EXPECT_EQ(in_child([&] {
              std::shared_ptr<FileSink> sink;
              int reports = 0;
              sink = open_sink(folder / "log", 0, 0, [&](const SinkTrouble& trouble) {
                ++reports;
                sink->write(trouble.kind == SinkTrouble::Kind::Failing ? "failing" : "recovered");
              });
              limit_file_size(4);
              sink->write("12345");  // one lost, and then the seven of the line about it
              if (reports != 1 || sink->dropped() != 8) return 1;
              limit_file_size(RLIM_INFINITY);
              sink->write("more ");
              return reports == 2 ? 0 : 2;
            }),
            0);
  EXPECT_EQ(content(folder / "log"), "1234more recovered");
}

}  // namespace
}  // namespace upkeep::logs
