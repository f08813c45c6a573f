#include "os/guarded_open.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fakes/temporary_folder.h"
#include "os/file.h"

namespace upkeep::os {
namespace {

using fakes::content;
using fakes::put;
using fakes::TemporaryFolder;
using testing::HasSubstr;

constexpr uid_t kMallory = 65533, kAlice = 65532;
constexpr int kLog = O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY;

// The calls of open_guarded are root's here, who has most to lose.
class GuardedOpen : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to make files of other users";
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  }
  static void give(const std::string& path, uid_t owner) { ASSERT_EQ(::lchown(path.c_str(), owner, owner), 0); }
  void link(const std::string& target, const std::string& name, uid_t owner) {
    ASSERT_EQ(::symlink(target.c_str(), (folder_ / name).c_str()), 0);
    give(folder_ / name, owner);
  }
  void make_folder(const std::string& name, uid_t owner, mode_t mode = 0755) {
    ASSERT_EQ(::mkdir((folder_ / name).c_str(), 0700), 0);
    ASSERT_EQ(::chmod((folder_ / name).c_str(), mode), 0);
    give(folder_ / name, owner);
  }
  // 0, or the error's code; opens `name` for writing.
  int code_of(const std::string& name, int flags = kLog) {
    const auto file = open_guarded(folder_ / name, flags);
    return file ? 0 : file.error().code;
  }

  TemporaryFolder folder_;
};

TEST_F(GuardedOpen, MakesAndOpensPlainFiles) {
  const auto made = open_guarded(folder_ / "a", kLog, 0640);
  ASSERT_TRUE(made);
  EXPECT_TRUE(::fcntl(made->get(), F_GETFD) & FD_CLOEXEC);
  ASSERT_TRUE(write_all(made->get(), "text"));
  EXPECT_EQ(code_of("a"), 0);
  EXPECT_EQ(content(folder_ / "a"), "text");
  EXPECT_EQ(code_of("a", kLog | O_TRUNC), 0);
  EXPECT_EQ(content(folder_ / "a"), "");
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST_F(GuardedOpen, HasTheErrorsOfOpen) {
  EXPECT_EQ(code_of("b", O_RDONLY), ENOENT);
  EXPECT_EQ(code_of("no/b"), ENOENT);
  EXPECT_EQ(code_of(""), EISDIR);
  EXPECT_EQ(open_guarded("", kLog).error().code, ENOENT);
  put(folder_ / "a", "");
  EXPECT_EQ(code_of("a/b"), ENOTDIR);
  EXPECT_EQ(code_of("a/"), ENOTDIR);
  link("loop", "loop", 0);
  EXPECT_EQ(code_of("loop"), ELOOP);
  EXPECT_THAT(open_guarded("/no/b", kLog).error().text, HasSubstr("/no/b: No such file"));
}

TEST_F(GuardedOpen, WalksRelativePathsAndDots) {
  make_folder("sub", 0);
  const Fd before{::open(".", O_PATH | O_CLOEXEC)};
  ASSERT_EQ(::chdir(folder_.path().c_str()), 0);
  EXPECT_TRUE(open_guarded("sub/../sub/.//a", kLog));
  EXPECT_TRUE(open_guarded("a", kLog));
  ASSERT_EQ(::fchdir(before.get()), 0);
  EXPECT_EQ(folder_.names(), (std::vector<std::string>{"a", "sub"}));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "sub/a"));
}

TEST_F(GuardedOpen, FollowsLinksOfRoot) {
  make_folder("disk2", 0);
  link("disk2/real", "log", 0);  // to nothing yet
  EXPECT_EQ(code_of("log"), 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "disk2/real"));
  link(folder_ / "disk2", "logs", 0);
  EXPECT_EQ(code_of("logs/more"), 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "disk2/more"));
  link("/dev/null", "null", 0);
  EXPECT_EQ(code_of("null"), 0);
}

TEST_F(GuardedOpen, FollowsTheLinksOfProc) {
  put(folder_ / "a", "");
  const Fd file{::open((folder_ / "a").c_str(), O_WRONLY | O_CLOEXEC)};
  link("/proc/self/fd/" + std::to_string(file.get()), "out", 0);
  const auto opened = open_guarded(folder_ / "out", kLog);
  ASSERT_TRUE(opened);
  ASSERT_TRUE(write_all(opened->get(), "x"));
  EXPECT_EQ(content(folder_ / "a"), "x");
  EXPECT_TRUE(open_guarded("/proc/self/cwd/.", O_RDONLY));
}

// The attack: a log in the folder of somebody, who replaces it by a link to a file that only root may write.
TEST_F(GuardedOpen, RefusesForeignLinksToWhatTheirOwnerHasNot) {
  put(folder_ / "shadow", "secret");
  make_folder("app", kMallory);
  link(folder_ / "shadow", "app/x.log", kMallory);
  EXPECT_EQ(code_of("app/x.log"), EACCES);
  EXPECT_EQ(code_of("app/x.log", kLog | O_TRUNC), EACCES);
  EXPECT_EQ(code_of("app/x.log", O_RDONLY), EACCES);
  EXPECT_EQ(content(folder_ / "shadow"), "secret");
  const std::string why = open_guarded(folder_ / "app/x.log", kLog).error().text;
  EXPECT_THAT(why, HasSubstr("the link " + folder_ / "app/x.log" + ", which uid 65533 may lead anywhere"));

  link(folder_ / "new", "app/y.log", kMallory);
  EXPECT_EQ(code_of("app/y.log"), EACCES);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "new"));
  link(folder_.path(), "app/logs", kMallory);  // a folder on the way
  EXPECT_EQ(code_of("app/logs/cron"), EACCES);
  EXPECT_EQ(code_of("app/logs/shadow"), EACCES);
  link("app/x.log", "by-root", 0);  // a good link to a bad one
  EXPECT_EQ(code_of("by-root"), EACCES);
  link("/dev/full", "app/device", kMallory);
  EXPECT_EQ(code_of("app/device"), EACCES);
}

TEST_F(GuardedOpen, FollowsForeignLinksToWhatTheirOwnerHas) {
  make_folder("app", kMallory);
  make_folder("app/shared", kMallory);
  link("shared", "app/logs", kMallory);
  EXPECT_EQ(code_of("app/logs/x.log"), 0);  // which root has made there
  EXPECT_EQ(code_of("app/logs/x.log"), 0);
  link("shared/y.log", "app/y.log", kMallory);
  EXPECT_EQ(code_of("app/y.log"), 0);
  put(folder_ / "elsewhere", "");
  give(folder_ / "elsewhere", kMallory);
  link(folder_ / "elsewhere", "app/z.log", kMallory);
  EXPECT_EQ(code_of("app/z.log"), 0);
  link("/dev/null", "app/null", kMallory);
  EXPECT_EQ(code_of("app/null"), 0);
  give(folder_ / "elsewhere", kAlice);
  EXPECT_EQ(code_of("app/z.log"), EACCES);
}

TEST_F(GuardedOpen, WritesToNobodysFileWhereEverybodyMayPlantOne) {
  make_folder("tmp", 0, 01777);
  put(folder_ / "tmp/pid", "");
  EXPECT_EQ(code_of("tmp/pid"), 0);
  give(folder_ / "tmp/pid", kMallory);
  EXPECT_EQ(code_of("tmp/pid"), EACCES);
  EXPECT_EQ(code_of("tmp/pid", O_RDONLY), 0);
  make_folder("app", kMallory);
  put(folder_ / "app/pid", "");
  give(folder_ / "app/pid", kMallory);
  EXPECT_EQ(code_of("app/pid"), 0);
}

TEST_F(GuardedOpen, OpensFifosOfOthersWithoutWaiting) {
  make_folder("app", kMallory);
  ASSERT_EQ(::mkfifo((folder_ / "app/x.log").c_str(), 0666), 0);
  give(folder_ / "app/x.log", kMallory);
  EXPECT_EQ(code_of("app/x.log", O_RDWR | O_CREAT | O_NONBLOCK), 0);
  EXPECT_EQ(code_of("app/x.log"), ENXIO);  // nobody reads
}

// Whoever is not root has nothing that a link could be led to but his own.
TEST_F(GuardedOpen, DistrustsLinksInEverybodysFoldersOnlyWhenNotRoot) {
  make_folder("app", kMallory);
  make_folder("tmp", 0, 01777);
  make_folder("own", kAlice);
  put(folder_ / "own/file", "");
  give(folder_ / "own/file", kAlice);
  link(folder_ / "own/file", "app/x.log", kMallory);
  link(folder_ / "own/file", "tmp/x.log", kMallory);
  link(folder_ / "own/file", "tmp/alice.log", kAlice);
  ASSERT_EQ(::seteuid(kAlice), 0);
  EXPECT_EQ(code_of("app/x.log"), 0);
  EXPECT_EQ(code_of("tmp/x.log"), EACCES);
  EXPECT_EQ(code_of("tmp/alice.log"), 0);
  ASSERT_EQ(::seteuid(0), 0);
}

}  // namespace
}  // namespace upkeep::os
