// [supervisord] and the command line over it.
#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

class DaemonTest : public LoadTest {
 protected:
  Daemon daemon(const std::string& lines) { return good("[supervisord]\n" + lines).daemon; }
  void expect_daemon_error(const std::string& line, const std::string& words) {
    expect_error("[supervisord]\n" + line, words, "/etc/a.conf:2");
  }
};

TEST_F(DaemonTest, Defaults) {
  const Config config = good("[supervisord]\n");
  EXPECT_EQ(config.file, "/etc/a.conf");
  const Daemon& daemon = config.daemon;
  EXPECT_EQ(daemon.logfile, "/here/supervisord.log");
  EXPECT_EQ(daemon.pidfile, "/here/supervisord.pid");
  EXPECT_EQ(daemon.child_log_dir, "/tmp");
  EXPECT_EQ(daemon.logfile_max_bytes, 52428800);
  EXPECT_EQ(daemon.logfile_backups, 10);
  EXPECT_EQ(daemon.log_level, LogLevel::Info);
  EXPECT_EQ(daemon.identifier, "supervisor");
  EXPECT_EQ(daemon.min_fds, 1024);
  EXPECT_EQ(daemon.min_procs, 200);
  EXPECT_EQ(daemon.umask, 022u);
  EXPECT_FALSE(daemon.no_daemon || daemon.silent || daemon.no_cleanup || daemon.strip_ansi);
  EXPECT_FALSE(daemon.directory || daemon.identity);
  EXPECT_TRUE(config.groups.empty() && config.unix_servers.empty() && config.rpc_interfaces.empty());
  EXPECT_TRUE(config.notices.empty());
  EXPECT_EQ(config.server_url, "");
}

TEST_F(DaemonTest, EveryKey) {
  world_.directories.insert("/home/me");
  world_.variables.emplace_back("NAME", "pid");
  const Daemon daemon = this->daemon(
      "nodaemon=true\nsilent=1\nnocleanup=on\nstrip_ansi=yes\nminfds=5\nminprocs=6\numask=077\nidentifier=at %(here)s\n"
      "logfile=~/x.log\nlogfile_maxbytes=1KB\nlogfile_backups=3\nloglevel=trace\npidfile=/tmp//%(ENV_NAME)s\n"
      "user=web\ndirectory=/tmp\nchildlogdir=/here\n");
  EXPECT_TRUE(daemon.no_daemon && daemon.silent && daemon.no_cleanup && daemon.strip_ansi);
  EXPECT_EQ(daemon.min_fds, 5);
  EXPECT_EQ(daemon.min_procs, 6);
  EXPECT_EQ(daemon.umask, 077u);
  EXPECT_EQ(daemon.identifier, "at /etc");
  EXPECT_EQ(daemon.logfile, "/home/me/x.log");
  EXPECT_EQ(daemon.logfile_max_bytes, 1024);
  EXPECT_EQ(daemon.logfile_backups, 3);
  EXPECT_EQ(daemon.log_level, LogLevel::Trace);
  EXPECT_EQ(daemon.pidfile, "/tmp/pid");
  ASSERT_TRUE(daemon.identity);
  EXPECT_EQ(daemon.identity->uid, 1000u);
  EXPECT_EQ(daemon.directory, "/tmp");
  EXPECT_EQ(daemon.child_log_dir, "/here");
}

TEST_F(DaemonTest, ServiceDirectoriesOfPrograms) {
  EXPECT_EQ(daemon("").service_dir, "");
  EXPECT_EQ(daemon("servicedir=\n").service_dir, "");
  EXPECT_EQ(daemon("servicedir=/run/%(ENV_HOME)s//s/\n").service_dir, "/run/home/me/s") << "it need not exist yet";
  EXPECT_EQ(daemon("servicedir=~/s\n").service_dir, "/home/me/s");
  expect_daemon_error("servicedir=run/s", "run/s is not an absolute path");
}

TEST_F(DaemonTest, GraceOfTheWholeStop) {
  EXPECT_EQ(daemon("").stop_grace, std::nullopt);
  EXPECT_EQ(daemon("stop_grace=8\n").stop_grace, std::chrono::seconds{8});
  expect_daemon_error("stop_grace=0", "0 is no grace, give at least 1 second or leave the key away");
  expect_daemon_error("stop_grace=-5", "-5 is no grace, give at least 1 second or leave the key away");
  expect_daemon_error("stop_grace=soon", "invalid literal for int() with base 10: 'soon'");
}

TEST_F(DaemonTest, ErrorsNameTheLine) {
  expect_daemon_error("minfds=x", "invalid literal for int() with base 10: 'x'");
  expect_daemon_error("nodaemon=", "not a valid boolean value: ''");
  expect_daemon_error("loglevel=warning", "bad logging level name 'warning'");
  expect_daemon_error("directory=/nope", "/nope is not an existing directory");
  expect_daemon_error("logfile=/nope/x", "The directory named as part of the path /nope/x does not exist");
  expect_daemon_error("umask=9", "9 can not be converted to an octal type");
  expect_daemon_error("user=nobody", "Invalid user name nobody");
  expect_daemon_error("identifier=%(host_node_name)s",
                      "Format string '%(host_node_name)s' for 'supervisord.identifier' contains names "
                      "('host_node_name') which cannot be expanded. Available names: ENV_HOME, ENV_PATH, here");
  expect_error("[supervisord]\nlogfile=x\n\n[program:a]\n[supervisord]\nlogfile_maxbytes=10K\n",
               "invalid literal for int() with base 10: '10k'", "/etc/a.conf:6");
}

TEST_F(DaemonTest, SectionIsRequired) {
  expect_error("[program:a]\ncommand=x\n", ".ini file does not include supervisord section", "/etc/a.conf");
  expect_error("x=1\n", "File contains no section headers.\nfile: '/etc/a.conf', line: 1\n'x=1\\n'", "/etc/a.conf:1");
}

TEST_F(DaemonTest, EnvironmentIsExpandedOnceAndFeedsLaterSections) {
  const Config config = good(
      "[supervisord]\nenvironment=A=\"%(host_node_name)s 100%%\",B=%(here)s,HOME=/h\n"
      "[program:a]\ncommand=%(ENV_A)s\nenvironment=B=%(ENV_HOME)s\n[program:b]\ncommand=x\n");
  ASSERT_EQ(config.groups.size(), 2u);
  EXPECT_EQ(config.groups[0].processes[0].command, "host.example 100%");
  EXPECT_EQ(config.groups[0].processes[0].environment,
            (Environment{{"A", "host.example 100%"}, {"B", "/h"}, {"HOME", "/h"}}));
  EXPECT_EQ(config.groups[1].processes[0].environment,
            (Environment{{"A", "host.example 100%"}, {"B", "/etc"}, {"HOME", "/h"}}));
  expect_daemon_error("environment=A=%(nope)s",
                      "Format string 'A=%(nope)s' for 'environment' contains names ('nope') which cannot be expanded. "
                      "Available names: ENV_HOME, ENV_PATH, here, host_node_name");
  expect_daemon_error("environment=A", "Unexpected end of key/value pairs in value 'A'");
}

TEST_F(DaemonTest, SyslogIsNoPath) {
  EXPECT_EQ(daemon("logfile=syslog\n").logfile, "syslog");
  EXPECT_EQ(daemon("logfile=NONE\n").logfile, "/here/NONE");
}

TEST_F(DaemonTest, WarnsRootWithoutUser) {
  world_.uid = 0;
  const std::string text =
      "Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file.  "
      "If "
      "you intend to run as root, you can set user=root in the config file to avoid this message.";
  const Config config = good("[supervisord]\n[include]\nfiles=none\n");
  ASSERT_EQ(config.notices.size(), 2u);
  EXPECT_EQ(config.notices[0], (Notice{LogLevel::Critical, text})) << "ahead of all warnings";
  EXPECT_EQ(config.warning, "");
  const Config with_user = good("[supervisord]\nuser=root\n");
  EXPECT_TRUE(with_user.notices.empty());
  ASSERT_TRUE(with_user.daemon.identity);
  EXPECT_EQ(with_user.daemon.identity->uid, 0u);
}

TEST_F(DaemonTest, CommandLineWinsButTheFileIsChecked) {
  argv_.insert(argv_.end(), {"-n", "-e", "debug", "--logfile=/tmp/b", "-a7", "-u", "root", "-m", "077", "-k"});
  const Daemon daemon = this->daemon("loglevel=warn\nlogfile=a\nminfds=3\nuser=web\nminprocs=9\n");
  EXPECT_TRUE(daemon.no_daemon && daemon.no_cleanup);
  EXPECT_EQ(daemon.log_level, LogLevel::Debug);
  EXPECT_EQ(daemon.logfile, "/tmp/b");
  EXPECT_EQ(daemon.min_fds, 7);
  EXPECT_EQ(daemon.min_procs, 9);
  EXPECT_EQ(daemon.umask, 077u);
  EXPECT_EQ(daemon.identity->uid, 0u);
  expect_daemon_error("loglevel=nope", "bad logging level name 'nope'");
  argv_ = {"supervisord", "-c", "/etc/a.conf", "-l", "", "--pidfile=", "-i", ""};
  const Daemon paths = this->daemon("logfile=a\npidfile=b\nidentifier=c\n");
  EXPECT_EQ(paths.logfile, "/here/a") << "an empty path is none, as in the original";
  EXPECT_EQ(paths.pidfile, "/here/b");
  EXPECT_EQ(paths.identifier, "");
  argv_ = {"supervisord", "-c", "/etc/a.conf", "-u", "nobody"};
  expect_error("[supervisord]\nuser=web\n", "Invalid user name nobody", "");
}

TEST_F(DaemonTest, SearchesInOrder) {
  argv_ = {"supervisord"};
  world_.files["/usr/bin/supervisord"] = "";
  EXPECT_EQ(resolved_argv0("supervisord", world_), "/usr/bin/supervisord");
  EXPECT_EQ(resolved_argv0("other", world_), "other");
  EXPECT_EQ(resolved_argv0("./supervisord", world_), "./supervisord");
  const std::vector<std::string> paths = {"/usr/etc/supervisord.conf", "/usr/supervisord.conf",
                                          "supervisord.conf",          "etc/supervisord.conf",
                                          "/etc/supervisord.conf",     "/etc/supervisor/supervisord.conf"};
  const Loaded none = load_supervisord(argv_, world_);
  ASSERT_TRUE(std::holds_alternative<LoadError>(none));
  EXPECT_EQ(
      std::get<LoadError>(none).text,
      "No config file found at default paths (/usr/etc/supervisord.conf, /usr/supervisord.conf, supervisord.conf, "
      "etc/supervisord.conf, /etc/supervisord.conf, /etc/supervisor/supervisord.conf); use the -c option to specify "
      "a config file at a different path");
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    world_.files[*path] = "[supervisord]\nidentifier=%(here)s\n";
    const Loaded loaded = load_supervisord(argv_, world_);
    ASSERT_TRUE(std::holds_alternative<Config>(loaded));
    EXPECT_EQ(std::get<Config>(loaded).file, *path);
  }
  world_.uid = 0;
  const Loaded as_root = load_supervisord(argv_, world_);
  EXPECT_THAT(std::get<Config>(as_root).warning,
              testing::StartsWith("Supervisord is running as root and it is searching"));
  world_.files.clear();
  const Loaded error_as_root = load_supervisord(argv_, world_);
  EXPECT_NE(std::get<LoadError>(error_as_root).warning, "");
}

TEST_F(DaemonTest, MissingAndUnreadableFiles) {
  argv_ = {"supervisord", "-c", "x.conf"};
  expect_error("", "could not find config file x.conf", "");
  world_.files["x.conf"] = "";
  world_.unreadable.insert("x.conf");
  expect_error("", "could not read config file x.conf", "");
  argv_ = {"supervisord", "-c", "/tmp"};
  expect_error("", "could not read config file /tmp", "");
}

TEST_F(DaemonTest, HereIsAbsolute) {
  argv_ = {"supervisord", "-c", "conf/a.conf"};
  world_.files["conf/a.conf"] = "[supervisord]\nidentifier=%(here)s\n";
  EXPECT_EQ(good("").daemon.identifier, "/here/conf");
}

}  // namespace
}  // namespace upkeep::config
