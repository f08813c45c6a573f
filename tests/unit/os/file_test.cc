#include "os/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "fakes/temporary_folder.h"

namespace upkeep::os {
namespace {

using fakes::content;
using fakes::put;
using fakes::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

TEST(File, OpensCloseOnExec) {
  const TemporaryFolder folder;
  const auto file = open_file(folder / "a", O_WRONLY | O_CREAT);
  ASSERT_TRUE(file);
  EXPECT_TRUE(::fcntl(file->get(), F_GETFD) & FD_CLOEXEC);
  const auto missing = open_file(folder / "no/b", O_RDONLY);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
  EXPECT_THAT(missing.error().text, HasSubstr("no/b: No such file"));
}

TEST(File, ReadsUpToALimit) {
  const TemporaryFolder folder;
  const std::string bytes(200'000, 'x');
  put(folder / "a", bytes);
  EXPECT_EQ(read_file(folder / "a").value(), bytes);
  EXPECT_EQ(read_file(folder / "a", bytes.size()).value(), bytes);
  const auto limited = read_file(folder / "a", bytes.size() - 1);
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().code, EFBIG);
  EXPECT_EQ(read_file(folder.path()).error().code, EISDIR);
}

TEST(File, AFifoInPlaceOfAFileHoldsNobodyUp) {
  fakes::TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "file").c_str(), 0600), 0);
  EXPECT_EQ(*read_file(folder / "file"), "");
}

TEST(File, ReplacesWithTheModeAskedFor) {
  const TemporaryFolder folder;
  put(folder / "a", "old");
  const mode_t before = ::umask(077);
  EXPECT_TRUE(replace_file(folder / "a", "new", 0644));
  EXPECT_TRUE(replace_file(folder / "b", "fresh", 0600, Durability::Sync));
  ::umask(before);
  EXPECT_EQ(content(folder / "a"), "new");
  EXPECT_EQ(mode_of(folder / "a"), 0644u);
  EXPECT_EQ(mode_of(folder / "b"), 0600u);
  EXPECT_THAT(folder.names(), ElementsAre("a", "b"));
}

TEST(File, AFailedReplacementLeavesTheOldBytesAndNoRemains) {
  const TemporaryFolder folder;
  put(folder / "a", "old");
  const pid_t child = ::fork();
  if (child == 0) {  // the file size limit is a property of the process
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4, 4};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto replaced = replace_file(folder / "a", "longer than four", 0644);
    ::_exit(!replaced && replaced.error().code == EFBIG ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(content(folder / "a"), "old");
  EXPECT_THAT(folder.names(), ElementsAre("a"));
}

TEST(File, ASealedMemfdNeverChanges) {
  const auto file = make_memfd("test", "seven b", Sealing::Sealed);
  ASSERT_TRUE(file);
  EXPECT_EQ(read_all(file->get()).value(), "seven b");
  EXPECT_EQ(::pwrite(file->get(), "x", 1, 0), -1);
  EXPECT_EQ(::ftruncate(file->get(), 0), -1);
  EXPECT_EQ(::fcntl(file->get(), F_ADD_SEALS, 0), -1);
}

TEST(File, AnOpenMemfdMayGrow) {
  const auto file = make_memfd("test", "ab", Sealing::Open);
  ASSERT_TRUE(file);
  EXPECT_EQ(::pwrite(file->get(), "c", 1, 2), 1);
  EXPECT_EQ(read_all(file->get()).value(), "abc");
}

TEST(File, ReopeningLeavesTheInheritedDescriptionAsItWas) {
  const auto pipe = Pipe::make();
  ASSERT_TRUE(pipe);
  const auto reopened = reopen_nonblocking(pipe->write.get());
  ASSERT_TRUE(reopened);
  EXPECT_TRUE(::fcntl(reopened->get(), F_GETFL) & O_NONBLOCK);
  EXPECT_FALSE(::fcntl(pipe->write.get(), F_GETFL) & O_NONBLOCK);
  ASSERT_EQ(::write(reopened->get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(pipe->read.get(), &byte, 1), 1);
}

TEST(File, RefusesToReopenWhatHasAPosition) {
  const TemporaryFolder folder;
  const auto file = open_file(folder / "a", O_WRONLY | O_CREAT);
  ASSERT_TRUE(file);
  EXPECT_EQ(reopen_nonblocking(file->get()).error().code, EINVAL);
}

TEST(File, IdentityIsTheSameUnderEveryName) {
  const TemporaryFolder folder;
  put(folder / "a", "");
  put(folder / "b", "");
  ASSERT_EQ(::link((folder / "a").c_str(), (folder / "c").c_str()), 0);
  const auto id = [&](const char* name) {
    struct stat status {};
    EXPECT_EQ(::stat((folder / name).c_str(), &status), 0);
    return file_id(status);
  };
  EXPECT_EQ(id("a"), id("c"));
  EXPECT_FALSE(id("a") == id("b"));
}

}  // namespace
}  // namespace upkeep::os
