#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

const std::string kHead = "[supervisord]\n[fcgi-program:f]\ncommand=x\n";

class FcgiTest : public LoadTest {
 protected:
  FcgiSocket socket(const std::string& lines) {
    const Config config = good(kHead + lines);
    if (config.groups.size() == 1 && config.groups[0].socket) return *config.groups[0].socket;
    ADD_FAILURE() << "no socket\nin\n" << lines;
    return {};
  }
};

TEST_F(FcgiTest, Group) {
  const Config config =
      good(kHead + "socket=TCP\npriority=3\nsocket=tcp://H:1\nnumprocs=2\nprocess_name=p%(process_num)d\n");
  ASSERT_EQ(config.groups.size(), 1u);
  const Group& group = config.groups[0];
  EXPECT_EQ(group.kind, Group::Kind::FcgiProgram);
  EXPECT_EQ(group.name, "f");
  EXPECT_EQ(group.priority, 3);
  EXPECT_FALSE(group.events);
  ASSERT_EQ(group.processes.size(), 2u);
  EXPECT_EQ(group.processes[0].name, "p0");
  EXPECT_EQ(group.processes[0].priority, 3);
}

TEST_F(FcgiTest, TcpSocket) {
  const FcgiSocket plain = socket("socket=tcp://LocalHost:9000\n");
  EXPECT_EQ(plain.url, "tcp://localhost:9000");
  EXPECT_FALSE(plain.owner || plain.group || plain.backlog);
  EXPECT_EQ(socket("socket=tcp://[x]:0080\nsocket_backlog=12\n").url, "tcp://[x]:80");
  EXPECT_EQ(socket("socket=tcp://h:1\nsocket_backlog=12\n").backlog, 12);
}

TEST_F(FcgiTest, UnixSocket) {
  const FcgiSocket plain = socket("socket=unix:///run//x/../%(program_name)s\n");
  EXPECT_EQ(plain.url, "unix:///run/f");
  EXPECT_EQ(plain.mode, mode_t{0700});
  EXPECT_FALSE(plain.owner || plain.group || plain.backlog);
  const FcgiSocket set = socket("socket=unix://%(here)s/f\nsocket_owner=web:www\nsocket_mode=0660\nuser=root\n");
  EXPECT_EQ(set.url, "unix:///etc/f");
  EXPECT_EQ(set.mode, mode_t{0660});
  EXPECT_EQ(set.owner, uid_t{1000});
  EXPECT_EQ(set.group, gid_t{33});
  EXPECT_FALSE(socket("socket=unix:///f\nsocket_owner=web\n").group) << "unchanged";
}

TEST_F(FcgiTest, TheProgramsUserOwnsItsSocket) {
  EXPECT_FALSE(socket("socket=unix:///f\nuser=web\n").owner) << "who we are already";
  world_.uid = 0;
  const FcgiSocket owned = socket("socket=unix:///f\nuser=web\n");
  EXPECT_EQ(owned.owner, uid_t{1000});
  EXPECT_EQ(owned.group, gid_t{100});
  EXPECT_FALSE(socket("socket=tcp://h:1\nuser=web\n").owner);
}

TEST_F(FcgiTest, Errors) {
  const auto expect_socket_error = [&](const std::string& lines, const std::string& words) {
    expect_error(kHead + lines, words + " in [fcgi-program:f] socket", "/etc/a.conf:4");
  };
  const std::string missing = "[fcgi-program:f] section requires a \"socket\" line";
  const std::string unix_only = "socket_owner and socket_mode params should only be used with a Unix domain socket";
  expect_error(kHead, missing, "/etc/a.conf:2");
  expect_error(kHead + "socket=\n", missing, "/etc/a.conf:4");
  for (const char* bad : {"foo", "tcp://", "tcp://h", "tcp://:1", "tcp://h:", "tcp://h:x", "tcp://a:b:1", "tcp://a b:1",
                          "tcp:// h:1", "http://h:1"})
    expect_socket_error("socket=" + std::string{bad} + "\n", "Bad socket format " + std::string{bad});
  expect_socket_error("socket=tcp://h:0\n", "0 is below lower bound (1)");
  expect_socket_error("socket=tcp://a.host.with.a.long.name.example:65536\n", "65536 is above upper bound (65535)");
  expect_socket_error("socket=unix://x\n", "Unix socket path x is not an absolute path");
  expect_socket_error("socket=tcp://h:1\nsocket_mode=0700\n", unix_only);
  expect_socket_error("socket=tcp://h:1\nsocket_owner=web\n", unix_only);
  expect_error(kHead + "socket_backlog=0\n", "Invalid socket_backlog value 0", "/etc/a.conf:4");
  expect_error(kHead + "socket_backlog=70000\n", "Invalid socket_backlog value 70000", "/etc/a.conf:4");
  expect_error(kHead + "socket_backlog=x\n", "invalid literal for int() with base 10: 'x'", "/etc/a.conf:4");
  expect_error(kHead + "socket_owner=nobody\n", "Invalid socket_owner value nobody", "/etc/a.conf:4");
  expect_error(kHead + "socket_mode=9\n", "Invalid socket_mode value 9", "/etc/a.conf:4");
  expect_error(
      kHead + "user=%(program_name)s\n",
      "Format string '%(program_name)s' for 'fcgi-program:f.user' contains names ('program_name') which cannot "
      "be expanded. Available names: ENV_HOME, ENV_PATH, here",
      "/etc/a.conf:4");
  expect_error("[supervisord]\n[fcgi-program:a/b]\n", "Invalid name: 'a/b' because of character: '/'", "/etc/a.conf:2");
}

}  // namespace
}  // namespace upkeep::config
