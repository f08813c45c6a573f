#include "os/program_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fakes/temporary_folder.h"
#include "os/socket.h"

namespace upkeep::os {
namespace {

class ProgramSocketTest : public testing::Test {
 protected:
  std::string path() const { return folder_ / "f.sock"; }
  fakes::TemporaryFolder folder_;
};

TEST_F(ProgramSocketTest, ListensAtAPathWithItsMode) {
  const auto socket = listen_for_program(UnixPlace{path(), 0666, ::geteuid(), {}}, 16);
  ASSERT_TRUE(socket) << socket.error().text;
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0666U);
  EXPECT_FALSE(::fcntl(socket->get(), F_GETFL) & O_NONBLOCK) << "programs block in accept";
  EXPECT_TRUE(::fcntl(socket->get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_TRUE(connect_unix(path()));
}

TEST_F(ProgramSocketTest, LeavesTheUmaskAsItWas) {
  const mode_t before = ::umask(027);
  ASSERT_TRUE(listen_for_program(UnixPlace{path(), 0700, {}, {}}, 16));
  EXPECT_EQ(::umask(before), 027U);
}

TEST_F(ProgramSocketTest, ReplacesASocketButNothingElse) {
  const auto first = listen_for_program(UnixPlace{path(), 0700, {}, {}}, 16);
  ASSERT_TRUE(first);
  EXPECT_TRUE(listen_for_program(UnixPlace{path(), 0700, {}, {}}, 16));
  const std::string file = folder_ / "file";
  std::ofstream{file} << "precious";
  EXPECT_EQ(listen_for_program(UnixPlace{file, 0700, {}, {}}, 16).error().text, "[Errno 98] Address already in use");
  EXPECT_TRUE(std::filesystem::is_regular_file(file));
}

TEST_F(ProgramSocketTest, SaysWhyNotAsPythonDoes) {
  EXPECT_EQ(listen_for_program(UnixPlace{folder_ / "no/f.sock", 0700, {}, {}}, 16).error().text,
            "[Errno 2] No such file or directory");
  EXPECT_EQ(listen_for_program(UnixPlace{std::string(200, 'x'), 0700, {}, {}}, 16).error().text,
            "AF_UNIX path too long");
  EXPECT_EQ(listen_for_program(TcpPlace{"192.0.2.7", 9}, 16).error().text,
            "[Errno 99] Cannot assign requested address");
}

TEST_F(ProgramSocketTest, ListensOnAPort) {
  const auto socket = listen_for_program(TcpPlace{"localhost", 0}, 16);
  EXPECT_TRUE(socket) << socket.error().text;
}

}  // namespace
}  // namespace upkeep::os
