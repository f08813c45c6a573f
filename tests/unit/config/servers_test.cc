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
      head + "file=x\nusername=u\nchmod=rwx\n",
      "Section [unix_http_server] contains incomplete authentication: If a username or a password is specified, both "
      "the username and password must be specified",
      "/etc/a.conf:2");
  expect_error(
      head + "file=x\nusername=%(here)s\npassword=x\n",
      "Format string '%(here)s' for 'unix_http_server.username' contains names ('here') which cannot be expanded. "
      "Available names: ENV_HOME, ENV_PATH",
      "/etc/a.conf:4");
}

TEST_F(ServersTest, InetServers) {
  world_.variables.emplace_back("SECRET", "s3");
  const Config config = good(
      "[supervisord]\n[inet_http_server:b]\nport=LocalHost:9001\nusername=u\npassword=%(ENV_SECRET)s\n"
      "[inet_http_server]\nport=*:9002\n[inet_http_server:c]\nport= 9003\n[inet_http_server:d]\nport=:1\n");
  EXPECT_EQ(config.inet_servers, (std::vector<InetServer>{
                                     {"inet_http_server:b", "localhost", 9001, Credentials{"u", "s3"}},
                                     {"inet_http_server", "", 9002, std::nullopt},
                                     {"inet_http_server:c", "", 9003, std::nullopt},
                                     {"inet_http_server:d", "", 1, std::nullopt},
                                 }));
}

TEST_F(ServersTest, InetErrors) {
  const std::string head = "[supervisord]\n[inet_http_server]\n";
  expect_error(head, "section [inet_http_server] has no port value", "/etc/a.conf:2");
  for (const auto& [port, words] : std::vector<std::pair<std::string, std::string>>{
           {"x", "not a valid port number: 'x' "},
           {"0", "not a valid port number: '0' "},
           {"70000", "not a valid port number: '70000' "},
           {"", "not a valid port number: '' "},
           {"h:", "no port number specified in ''"},
           {"h:99999", "99999 is above upper bound (65535)"},
           {"h:0", "0 is below lower bound (1)"},
           {"a.host.with.a.long.name.example:x", "invalid literal for int() with base 10: 'x'"},
       }) {
    expect_error(head + "port=" + port + "\n", words, "/etc/a.conf:3");
  }
  expect_error(head + "port=x\npassword=x\n",
               "Section [inet_http_server] contains incomplete authentication: If a username or a password is "
               "specified, both the username and password must be specified",
               "/etc/a.conf:2");
}

TEST_F(ServersTest, ServerUrlOfThePrograms) {
  const auto url = [&](const std::string& servers) {
    const Config config = good("[supervisord]\n[program:a]\ncommand=x\n" + servers);
    EXPECT_EQ(config.groups.at(0).processes.at(0).server_url, config.server_url);
    return config.server_url;
  };
  const std::string inet = "[inet_http_server:a]\nport=H:1\n[inet_http_server:b]\nport=*:2\n";
  EXPECT_EQ(url(""), "");
  EXPECT_EQ(url("[inet_http_server:a]\nport=H:1\n"), "http://h:1");
  EXPECT_EQ(url(inet), "http://localhost:2") << "the last one";
  EXPECT_EQ(url(inet + "[unix_http_server:a]\nfile=/a\n[unix_http_server:b]\nfile=/b\n"), "unix:///a");
}

// Python code cannot be loaded; the programs must run all the same.
TEST_F(ServersTest, ForeignRpcInterfaceIsLeftOut) {
  const Config config = good(
      "[supervisord]\n[rpcinterface:x]\nsupervisor.rpcinterface_factory=no:thing\nits_argument=1\n"
      "[rpcinterface:y]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n");
  EXPECT_THAT(config.rpc_interfaces,
              testing::ElementsAre(RpcInterface{"y", "supervisor.rpcinterface:make_main_rpcinterface"}));
  EXPECT_THAT(config.notices,
              testing::ElementsAre(Notice{
                  LogLevel::Warn,
                  "/etc/a.conf:2: no:thing cannot be resolved within [rpcinterface:x]: only "
                  "supervisor.rpcinterface:make_main_rpcinterface is built in. Calls of x.* will be answered with "
                  "UNKNOWN_METHOD"}));
}

TEST_F(ServersTest, RpcInterfaces) {
  const std::string factory = "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n";
  EXPECT_EQ(good("[supervisord]\n[rpcinterface:supervisor]\n" + factory).rpc_interfaces,
            (std::vector<RpcInterface>{{"supervisor", "supervisor.rpcinterface:make_main_rpcinterface"}}));
  expect_error("[supervisord]\n[rpcinterface:x]\n",
               "section [rpcinterface:x] does not specify a supervisor.rpcinterface_factory", "/etc/a.conf:2");
  expect_error("[DEFAULT]\nx=1\n[supervisord]\n[rpcinterface:supervisor]\n" + factory,
               "Could not make supervisor rpc interface", "/etc/a.conf:4");
  expect_error("[supervisord]\n[rpcinterface:supervisor]\n" + factory + "x=%\n",
               "Format string '%' for 'rpcinterface:supervisor.x' is badly formatted: incomplete format",
               "/etc/a.conf:4");
}

}  // namespace
}  // namespace upkeep::config
