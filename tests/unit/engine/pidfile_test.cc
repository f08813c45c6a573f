#include "engine/pidfile.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "fakes/temporary_folder.h"

namespace upkeep::engine {
namespace {

class PidfileTest : public testing::Test {
 protected:
  fakes::TemporaryFolder folder_;
  std::string path_ = folder_ / "s.pid";
};

TEST_F(PidfileTest, HoldsThePidAndANewline) {
  ASSERT_TRUE(write_pidfile(path_, 4711));
  EXPECT_EQ(fakes::content(path_), "4711\n");
  EXPECT_TRUE(pidfile_says(path_, 4711));
  EXPECT_FALSE(pidfile_says(path_, 471));
}

TEST_F(PidfileTest, IsWrittenInPlace) {
  fakes::put(path_, "a longer text than any pid\n");
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  struct stat before {
  }, after{};
  ASSERT_EQ(::stat(path_.c_str(), &before), 0);
  ASSERT_TRUE(write_pidfile(path_, 12));
  ASSERT_EQ(::stat(path_.c_str(), &after), 0);
  EXPECT_EQ(fakes::content(path_), "12\n");
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(after.st_mode & 0777, 0640u);
}

TEST_F(PidfileTest, TellsWhyItCannotBeWritten) {
  const auto written = write_pidfile(folder_ / "missing/s.pid", 1);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ENOENT);
}

TEST_F(PidfileTest, AFifoDoesNotHangTheStart) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const auto written = write_pidfile(path_, 1);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ENXIO);
}

TEST_F(PidfileTest, IsRemovedByTheOneItNames) {
  ASSERT_TRUE(write_pidfile(path_, 1));
  remove_pidfile(path_, 2);
  EXPECT_EQ(fakes::content(path_), "1\n");
  remove_pidfile(path_, 1);
  EXPECT_TRUE(folder_.names().empty());
  remove_pidfile(path_, 1);  // and nothing happens
}

TEST_F(PidfileTest, AnythingElseNamesNobody) {
  EXPECT_FALSE(pidfile_says(path_, 0)) << "there is none";
  fakes::put(path_, "");
  EXPECT_FALSE(pidfile_says(path_, 0));
  fakes::put(path_, "12 13\n");
  EXPECT_FALSE(pidfile_says(path_, 12));
}

}  // namespace
}  // namespace upkeep::engine
