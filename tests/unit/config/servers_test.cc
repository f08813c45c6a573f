#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

using ServersTest = LoadTest;

TEST_F(ServersTest, UnixServers) {
  world_.variables.emplace_back("SECRET", "s3");
  const Config config = good(
      "[supervisord]\n[unix_http_server:b]\nfile= ~/b/../c "
      "\nchmod=0770\nchown=web:www\nusername=u\npassword=%(ENV_SECRET)s\n"
      "[unix_http_server]\nfile=%(here)s/d\n");
  EXPECT_EQ(config.unix_servers, (std::vector<UnixServer>{
                                     {"unix_http_server:b", "/home/me/c", 0770, 1000, 33, Credentials{"u", "s3"}},
                                     {"unix_http_server", "/etc/d", 0700, std::nullopt, std::nullopt, std::nullopt},
                                 }));
  EXPECT_EQ(config.server_url, "unix:///home/me/c");
}

TEST_F(ServersTest, EmptyUsernameIsNone) {
  EXPECT_FALSE(
      good("[supervisord]\n[unix_http_server]\nfile=x\nusername=\npassword=\n").unix_servers.at(0).credentials);
}

TEST_F(ServersTest, Errors) {
  const std::string head = "[supervisord]\n[unix_http_server]\n";
  expect_error(head, "section [unix_http_server] has no file value", "/etc/a.conf:2");
  expect_error(head + "file=x\nchmod=rwx\n", "Invalid chmod value rwx", "/etc/a.conf:4");
  expect_error(head + "file=x\nchown=nobody\n", "Invalid sockchown value nobody", "/etc/a.conf:4");
  expect_error(
      head + "file=x\nusername=u\n",
      "Section [unix_http_server] contains incomplete authentication: If a username or a password is specified, both "
      "the username and password must be specified",
      "/etc/a.conf:2");
  expect_error(
      head + "file=x\nusername=%(here)s\npassword=x\n",
      "Format string '%(here)s' for 'unix_http_server.username' contains names ('here') which cannot be expanded. "
      "Available names: ENV_HOME, ENV_PATH",
      "/etc/a.conf:4");
}

TEST_F(ServersTest, RpcInterfaces) {
  const std::string factory = "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n";
  EXPECT_EQ(good("[supervisord]\n[rpcinterface:supervisor]\n" + factory).rpc_interfaces,
            (std::vector<RpcInterface>{{"supervisor", "supervisor.rpcinterface:make_main_rpcinterface"}}));
  expect_error("[supervisord]\n[rpcinterface:x]\n",
               "section [rpcinterface:x] does not specify a supervisor.rpcinterface_factory", "/etc/a.conf:2");
  expect_error("[supervisord]\n[rpcinterface:x]\nsupervisor.rpcinterface_factory=no:thing\n",
               "no:thing cannot be resolved within [rpcinterface:x]: only "
               "supervisor.rpcinterface:make_main_rpcinterface is built in",
               "/etc/a.conf:2");
  expect_error("[DEFAULT]\nx=1\n[supervisord]\n[rpcinterface:supervisor]\n" + factory,
               "Could not make supervisor rpc interface", "/etc/a.conf:4");
  expect_error("[supervisord]\n[rpcinterface:supervisor]\n" + factory + "x=%\n",
               "Format string '%' for 'rpcinterface:supervisor.x' is badly formatted: incomplete format",
               "/etc/a.conf:4");
}

}  // namespace
}  // namespace upkeep::config
