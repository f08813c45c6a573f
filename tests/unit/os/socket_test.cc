#include "os/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "fakes/temporary_folder.h"

namespace upkeep::os {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class UnixSocketTest : public testing::Test {
 protected:
  std::string path() const { return folder_ / "s.sock"; }
  Result<Fd> listen(const UnixListen& wanted) {
    return listen_unix(wanted, [this](const std::string& which) { stale_.push_back(which); });
  }
  std::size_t files() const { return folder_.names().size(); }

  fakes::TemporaryFolder folder_;
  std::vector<std::string> stale_;
};

TEST_F(UnixSocketTest, ListensWithTheModeAskedFor) {
  const auto listener = listen({path(), 0640, ::getuid(), ::getgid()});
  ASSERT_TRUE(listener) << listener.error().text;
  struct stat file {};
  ASSERT_EQ(::stat(path().c_str(), &file), 0);
  EXPECT_TRUE(S_ISSOCK(file.st_mode));
  EXPECT_EQ(file.st_mode & 07777, 0640U);
  EXPECT_EQ(files(), 1U) << "the temporary name is gone";
  EXPECT_NE(::fcntl(listener->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(UnixSocketTest, AcceptsNonBlocking) {
  const auto listener = listen({path(), 0700, {}, {}});
  ASSERT_TRUE(listener);
  const auto nobody = accept_client(listener->get());
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, EAGAIN);
  const auto client = connect_unix(path());
  ASSERT_TRUE(client);
  const auto accepted = accept_client(listener->get());
  ASSERT_TRUE(accepted);
  EXPECT_NE(::fcntl(accepted->get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(accepted->get(), F_GETFD) & FD_CLOEXEC, 0);
  char byte = 0;
  EXPECT_EQ(::read(accepted->get(), &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(UnixSocketTest, ReplacesAStaleSocket) {
  ASSERT_TRUE(listen({path(), 0700, {}, {}}));  // closed at once, the file stays
  EXPECT_TRUE(stale_.empty());
  const auto again = listen({path(), 0700, {}, {}});
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(stale_, std::vector{path()});
  EXPECT_TRUE(connect_unix(path()));
}

TEST_F(UnixSocketTest, LeavesALiveSocketAlone) {
  const auto first = listen({path(), 0700, {}, {}});
  ASSERT_TRUE(first);
  const auto before = socket_at(path());
  const auto second = listen({path(), 0700, {}, {}});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text,
            "Another program is already listening on a port that one of our HTTP servers is configured to use.  Shut "
            "this program down first before starting supervisord.");
  EXPECT_EQ(socket_at(path()), before);
  EXPECT_EQ(files(), 1U);
}

TEST_F(UnixSocketTest, NeverUnlinksWhatIsNotASocket) {
  fakes::put(path(), "precious");
  const auto listener = listen({path(), 0700, {}, {}});
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().text, HasSubstr("exists and is not a socket"));
  EXPECT_EQ(fakes::content(path()), "precious");
  EXPECT_TRUE(stale_.empty());
}

TEST_F(UnixSocketTest, ExplainsWhatWentWrongAsSupervisorDoes) {
  const auto missing = listen({folder_ / "no/s.sock", 0700, {}, {}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text, "Cannot open an HTTP server: socket.error reported errno.ENOENT (2)");
  const auto too_long = listen({folder_ / std::string(120, 'x'), 0700, {}, {}});
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().text, "Cannot open an HTTP server: socket.error reported AF_UNIX path too long");
}

TEST_F(UnixSocketTest, SaysWhoMayNotChown) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may";
  const auto listener = listen({path(), 0700, 0, {}});
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().text, StartsWith("Not permitted to chown " + path() + " to uid/gid (0, -1); adjust"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(UnixSocketTest, TellsSocketsApart) {
  EXPECT_EQ(socket_at(path()), std::nullopt);
  ASSERT_TRUE(listen({path(), 0700, {}, {}}));
  const auto first = socket_at(path());
  ASSERT_TRUE(first);
  std::filesystem::rename(path(), folder_ / "old");
  ASSERT_TRUE(listen({path(), 0700, {}, {}}));
  EXPECT_NE(socket_at(path()), first);
}

std::uint16_t port_of(const Fd& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  return ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0 ? ntohs(address.sin_port) : 0;
}

TEST(Tcp, IsReachedByNameAndNumber) {
  for (const std::string host : {"127.0.0.1", "localhost", ""}) {
    const auto listener = listen_tcp(host, 0);
    ASSERT_TRUE(listener) << host;
    const std::uint16_t port = port_of(*listener);
    EXPECT_TRUE(connect_tcp("localhost", port)) << host;
    EXPECT_TRUE(connect_tcp("127.0.0.1", port)) << host;
    EXPECT_FALSE(connect_tcp("999.0.0.1.invalid", port));
  }
}

TEST(Tcp, AcceptsNonBlockingAndWithoutDelay) {
  const auto listener = listen_tcp("127.0.0.1", 0);
  ASSERT_TRUE(listener);
  EXPECT_EQ(accept_client(listener->get()).error().code, EAGAIN);
  const auto client = connect_tcp("127.0.0.1", port_of(*listener));
  ASSERT_TRUE(client);
  const auto accepted = accept_client(listener->get());
  ASSERT_TRUE(accepted);
  EXPECT_TRUE(::fcntl(accepted->get(), F_GETFL) & O_NONBLOCK);
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ASSERT_EQ(::getsockopt(accepted->get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
  EXPECT_NE(no_delay, 0);
}

TEST(Tcp, ExplainsWhatWentWrongAsSupervisorDoes) {
  const auto first = listen_tcp("127.0.0.1", 0);
  ASSERT_TRUE(first);
  EXPECT_EQ(listen_tcp("127.0.0.1", port_of(*first)).error().text,
            "Another program is already listening on a port that one of our HTTP servers is configured to use.  "
            "Shut this program down first before starting supervisord.");
  EXPECT_EQ(listen_tcp("192.0.2.1", 0).error().text,
            "Cannot open an HTTP server: socket.error reported errno.EADDRNOTAVAIL (99)");
}

TEST(ConnectUnix, ReportsTheErrno) {
  const auto missing = connect_unix("/nonexistent/upkeep.sock");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
}

}  // namespace
}  // namespace upkeep::os
