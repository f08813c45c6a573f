#include "os/socket_file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "fakes/temporary_folder.h"
#include "os/socket.h"

namespace upkeep::os {
namespace {

class SocketFileTest : public testing::Test {
 protected:
  int bind(const SocketFile& file) {
    socket_ = Fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    return bind_socket_file(socket_, path_, file);
  }
  struct stat found() const {
    struct stat status {};
    (void)::lstat(path_.c_str(), &status);
    return status;
  }

  fakes::TemporaryFolder folder_;
  std::string path_ = folder_ / "s.sock";
  Fd socket_;
};

TEST_F(SocketFileTest, HasItsModeWhateverTheUmask) {
  for (const mode_t umask : {0000U, 0022U, 0777U})
    for (const mode_t mode : {0700U, 0770U, 0777U, 0600U, 0000U}) {
      const mode_t before = ::umask(umask);
      ASSERT_EQ(bind({mode, {}, {}}), 0);
      EXPECT_EQ(::umask(before), umask);
      EXPECT_EQ(found().st_mode & 07777, mode);
      EXPECT_EQ(connect_unix(path_).error().code, ECONNREFUSED) << "nobody is listened to yet";
      ::unlink(path_.c_str());
    }
}

TEST_F(SocketFileTest, IsGivenAway) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to give a file away";
  ASSERT_EQ(bind({0700, 12, {}}), 0);
  EXPECT_EQ(found().st_uid, 12U);
  EXPECT_EQ(found().st_gid, ::getegid());
  ::unlink(path_.c_str());
  ASSERT_EQ(bind({0700, {}, 34}), 0);
  EXPECT_EQ(found().st_uid, ::geteuid());
  EXPECT_EQ(found().st_gid, 34U);
}

TEST_F(SocketFileTest, LeavesNothingBehindThatItCannotGive) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may give everything";
  EXPECT_EQ(bind({0700, 0, {}}), EPERM);
  EXPECT_EQ(folder_.names(), std::vector<std::string>{});
}

TEST_F(SocketFileTest, FollowsNoLink) {
  ASSERT_EQ(::symlink("elsewhere", path_.c_str()), 0);
  EXPECT_EQ(bind({0777, 12, {}}), EADDRINUSE);
  EXPECT_EQ(folder_.names(), std::vector<std::string>{"s.sock"});
}

}  // namespace
}  // namespace upkeep::os
