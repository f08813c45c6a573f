// [svscan:x]: groups whose processes come from service directories.
#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

using testing::ElementsAre;
using Kind = LogTarget::Kind;

class ServiceGroupTest : public LoadTest {
 protected:
  ServiceGroupTest() { world_.directories.insert({"/etc/service", "services", "/home/me/service"}); }

  // The only group of [svscan:web] with directory=/etc/service on line 3 and `lines` from line 4.
  Group group(const std::string& lines) {
    const Config config = good("[supervisord]\n[svscan:web]\ndirectory=/etc/service\n" + lines);
    if (config.groups.size() == 1 && config.groups[0].services) return config.groups[0];
    ADD_FAILURE() << "not one group of services\nin\n" << lines;
    Group none;
    none.services.emplace();
    return none;
  }
  std::string directory(const std::string& path) {
    return good("[supervisord]\n[svscan:web]\ndirectory=" + path + "\n").groups.at(0).services->directory;
  }
  void expect_group_error(const std::string& lines, const std::string& words, const std::string& where) {
    expect_error("[supervisord]\n[svscan:web]\n" + lines, words + " in section 'svscan:web' (file: '/etc/a.conf')",
                 where);
  }
};

TEST_F(ServiceGroupTest, Defaults) {
  const Group group = this->group("");
  EXPECT_EQ(group.kind, Group::Kind::Services);
  EXPECT_EQ(group.name, "web");
  EXPECT_EQ(group.priority, 999);
  EXPECT_TRUE(group.processes.empty()) << "which there are is seen while the daemon runs";
  EXPECT_FALSE(group.socket || group.events);
  ServiceSource expected;
  expected.kind = ServiceSource::Kind::Scan;
  expected.directory = "/etc/service";
  expected.dialect = Dialect::Original;
  expected.shares_stdio = false;
  expected.process.group = "web";
  EXPECT_EQ(*group.services, expected);
}

TEST_F(ServiceGroupTest, EveryKey) {
  const Group group = this->group(
      "dialect=Encore\npriority=7\numask=002\nenvironment=A=\"%(here)s\"\n"
      "stdout_logfile=/tmp/out\nstdout_logfile_maxbytes=1KB\nstdout_logfile_backups=2\nstdout_syslog=1\n"
      "stderr_logfile=NONE\nstderr_logfile_maxbytes=3KB\nstderr_logfile_backups=3\nstderr_syslog=1\n");
  EXPECT_EQ(group.priority, 7);
  EXPECT_EQ(group.services->dialect, Dialect::Encore);
  const Process& process = group.services->process;
  EXPECT_EQ(process.priority, 7);
  EXPECT_EQ(process.umask, 002u);
  EXPECT_EQ(process.environment, (Environment{{"A", "/etc"}}));
  EXPECT_EQ(process.out, (ChannelLog{{Kind::File, "/tmp/out"}, 1024, 2, 0, false, true}));
  EXPECT_EQ(process.err, (ChannelLog{{Kind::None, ""}, 3072, 3, 0, false, true}));
}

TEST_F(ServiceGroupTest, LogsAreThoseOfPrograms) {
  const Process redirected = group("redirect_stderr=true\nstderr_logfile=/tmp/x\n").services->process;
  EXPECT_TRUE(redirected.redirect_stderr);
  EXPECT_EQ(redirected.err.target.kind, Kind::None);
  const Config config = good(
      "[supervisord]\n[svscan:web]\ndirectory=/etc/service\nstdout_logfile=syslog\nstderr_logfile_maxbytes=0\n"
      "[svscan:b]\ndirectory=/etc/service\nredirect_stderr=true\nstderr_logfile=/tmp/x\n");
  EXPECT_THAT(config.notices,
              ElementsAre(Notice{LogLevel::Warn,
                                 "For [svscan:web], stdout_logfile=syslog but this is deprecated and will be removed.  "
                                 "Use stdout_syslog=true to enable syslog instead."},
                          Notice{LogLevel::Warn,
                                 "For [svscan:web], AUTO logging used for stderr_logfile without rollover, set "
                                 "maxbytes > 0 to avoid filling up filesystem unintentionally"},
                          Notice{LogLevel::Warn,
                                 "For [svscan:b], redirect_stderr=true but stderr_logfile has also been set to a "
                                 "filename, the filename has been ignored"}));
}

TEST_F(ServiceGroupTest, TheDirectoryIsMadeAbsolute) {
  EXPECT_EQ(directory("services"), "/here/services") << "from where the daemon was started";
  EXPECT_EQ(directory("~/service"), "/home/me/service");
  world_.directories.insert("/etc//service/.");
  EXPECT_EQ(directory("/etc//service/."), "/etc/service");
  EXPECT_EQ(directory("%(here)s/service"), "/etc/service");
}

TEST_F(ServiceGroupTest, WhatTheSectionSaysGoesOverTheDaemons) {
  const Config config = good(
      "[supervisord]\nenvironment=A=1,B=2\n[unix_http_server]\nfile=/tmp/s\n"
      "[svscan:web]\ndirectory=/etc/service\nenvironment=B=%(ENV_A)s,C=3\n");
  const Process& process = config.groups.at(0).services->process;
  EXPECT_EQ(process.environment, (Environment{{"A", "1"}, {"B", "1"}, {"C", "3"}}));
  EXPECT_EQ(process.server_url, "unix:///tmp/s");
}

TEST_F(ServiceGroupTest, StandsAmongTheOtherGroups) {
  const Config config = good(
      "[supervisord]\n[svscan:b]\ndirectory=/etc/service\n[program:c]\ncommand=x\n[program:a]\ncommand=x\n"
      "[svscan:first]\npriority=1\ndirectory=services\n[svscan:c]\npriority=1000\ndirectory=/etc/service\n");
  std::vector<std::string> names;
  for (const Group& group : config.groups) names.push_back(group.name);
  EXPECT_THAT(names, ElementsAre("first", "a", "b", "c"));
  EXPECT_EQ(config.groups.back().kind, Group::Kind::Program);
  EXPECT_THAT(config.notices,
              ElementsAre(Notice{LogLevel::Warn, "Several groups are named c, only the first in start order is used"}));
  expect_error("[supervisord]\n[group:g]\nprograms=a\n[svscan:a]\ndirectory=/etc/service\n",
               "[group:g] names unknown program or fcgi-program a", "/etc/a.conf:3");
}

TEST_F(ServiceGroupTest, TheDirectoriesOfProgramsAreElsewhere) {
  expect_error("[supervisord]\nservicedir=/etc/service/\n[svscan:s]\ndirectory=/etc/service\n",
               "servicedir /etc/service is the directory of [svscan:s], it must be another one", "/etc/a.conf:2");
}

TEST_F(ServiceGroupTest, Errors) {
  expect_group_error("", "a directory is required, as in directory=/etc/service,", "/etc/a.conf:2");
  expect_group_error("directory=/nope\n", "/nope is not an existing directory", "/etc/a.conf:3");
  expect_group_error("directory=/etc/service\ndialect=runit\n",
                     "invalid 'dialect' value 'runit', use original or encore", "/etc/a.conf:4");
  expect_group_error("directory=/etc/service\nenvironment=A\n", "Unexpected end of key/value pairs in value 'A'",
                     "/etc/a.conf:4");
  expect_group_error("directory=/etc/service\numask=9\n", "9 can not be converted to an octal type", "/etc/a.conf:4");
  expect_group_error("directory=%(program_name)s\n",
                     "Format string '%(program_name)s' for 'svscan:web.directory' contains names ('program_name') "
                     "which cannot be expanded. Available names: ENV_HOME, ENV_PATH, here, host_node_name",
                     "/etc/a.conf:3");
  const std::string directory = "directory=/etc/service\n";
  expect_error("[supervisord]\n[svscan:a b]\n" + directory,
               "Invalid name: 'a b' because of character: ' ' in section 'svscan:a b' (file: '/etc/a.conf')",
               "/etc/a.conf:2");
  expect_error("[supervisord]\n[svscan:]\n" + directory,
               "a name is required, as in [svscan:services], in section 'svscan:' (file: '/etc/a.conf')",
               "/etc/a.conf:2");
}

}  // namespace
}  // namespace upkeep::config
