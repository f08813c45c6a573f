// With a socket of the test's in the place of systemd's.
#include "keeper/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>

#include "fakes/temporary_folder.h"

namespace upkeep::keeper {
namespace {

class ServiceManagerTest : public testing::Test {
 protected:
  Fd listen(const std::string& address) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.copy(name.sun_path, sizeof name.sun_path);
    if (address[0] == '@') name.sun_path[0] = '\0';
    Fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
    return socket;
  }
  // The next message; empty where there is none.
  static std::string heard(const Fd& socket) {
    char text[256];
    const ssize_t size = ::recv(socket.get(), text, sizeof text, 0);
    return {text, size < 0 ? 0 : static_cast<std::size_t>(size)};
  }

  fakes::TemporaryFolder folder_;
  const std::string path_ = folder_ / "notify";
  const std::string main_pid_ = "MAINPID=" + std::to_string(::getpid()) + "\n";
};

TEST_F(ServiceManagerTest, IsToldOfEachStep) {
  const Fd socket = listen(path_);
  ServiceManager manager{path_.c_str()};
  EXPECT_EQ(heard(socket), "");
  manager.is_main_process();
  EXPECT_EQ(heard(socket), main_pid_);
  manager.ready();
  EXPECT_EQ(heard(socket), "READY=1\n" + main_pid_);
  manager.stopping();
  EXPECT_EQ(heard(socket), "STOPPING=1\n");
  manager.stopping();
  EXPECT_EQ(heard(socket), "");
  EXPECT_FALSE(manager.owes());
}

TEST_F(ServiceManagerTest, MayHaveAnAbstractSocket) {
  const std::string address = "@" + path_;
  const Fd socket = listen(address);
  ServiceManager manager{address.c_str()};
  manager.ready();
  EXPECT_EQ(heard(socket), "READY=1\n" + main_pid_);
}

TEST_F(ServiceManagerTest, OneThatIsBusyIsToldLater) {
  const Fd socket = listen(path_);
  ServiceManager manager{path_.c_str()};
  int filled = 0;
  while (!manager.owes() && filled < 100'000) {
    manager.ready();
    ++filled;
  }
  ASSERT_TRUE(manager.owes());
  manager.stopping();
  EXPECT_TRUE(manager.owes());
  for (int i = 1; i < filled; ++i) EXPECT_EQ(heard(socket), "READY=1\n" + main_pid_);
  EXPECT_EQ(heard(socket), "");
  manager.retry();
  EXPECT_FALSE(manager.owes());
  EXPECT_EQ(heard(socket), "READY=1\n" + main_pid_ + "STOPPING=1\n");
}

TEST_F(ServiceManagerTest, NobodyIsToldWhereNobodyListens) {
  const std::string too_long = "/" + std::string(200, 'x');
  for (const char* address : {static_cast<const char*>(nullptr), "", "/", "relative", "vsock:2:1", too_long.c_str()}) {
    ServiceManager manager{address};
    manager.ready();
    EXPECT_FALSE(manager.owes());
  }
  ServiceManager gone{path_.c_str()};
  gone.ready();
  EXPECT_FALSE(gone.owes());
}

}  // namespace
}  // namespace upkeep::keeper
