#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

using Kind = LogTarget::Kind;
using ProgramTest = LoadTest;

std::vector<std::string> names(const Group& group) {
  std::vector<std::string> all;
  for (const Process& process : group.processes) all.push_back(process.name);
  return all;
}

TEST_F(ProgramTest, Defaults) {
  const Process process = program("");
  EXPECT_EQ(process.name, "web");
  EXPECT_EQ(process.group, "web");
  EXPECT_EQ(process.program, "web");
  EXPECT_EQ(process.command, "x");
  EXPECT_EQ(process.priority, 999);
  EXPECT_EQ(process.policy, core::Policy{});
  EXPECT_FALSE(process.directory || process.umask || process.identity || process.redirect_stderr);
  EXPECT_TRUE(process.environment.empty());
  EXPECT_EQ(process.out, ChannelLog{});
  EXPECT_EQ(process.err, ChannelLog{});
  EXPECT_EQ(process.server_url, "");
}

TEST_F(ProgramTest, EveryKey) {
  using std::chrono::seconds;
  const Process process = program(
      "process_name=p\npriority=7\nautostart=false\nautorestart=true\nstartsecs=2\nstartretries=4\nexitcodes=2,0\n"
      "stopsignal=QUIT\nstopwaitsecs=5\nkillasgroup=true\nuser=web\nstdout_logfile=/tmp/"
      "out\nstdout_logfile_maxbytes=1KB\n"
      "stdout_logfile_backups=2\nstdout_capture_maxbytes=2KB\nstdout_events_enabled=1\nstdout_syslog=1\n"
      "stderr_logfile=NONE\nstderr_logfile_maxbytes=3KB\nstderr_logfile_backups=3\nstderr_capture_maxbytes=4KB\n"
      "stderr_events_enabled=1\nstderr_syslog=1\nenvironment=A=1\ndirectory=~/d\numask=002\nserverurl=http://x\n");
  EXPECT_EQ(process.name, "p");
  EXPECT_EQ(process.priority, 7);
  core::Policy policy;
  policy.autostart = false;
  policy.restart = core::Restart::Always;
  policy.start_time = seconds{2};
  policy.start_retries = 4;
  policy.exit_codes = {2, 0};
  policy.stop_signal = SIGQUIT;
  policy.stop_wait = seconds{5};
  policy.kill_as_group = true;
  EXPECT_EQ(process.policy, policy);
  EXPECT_EQ(process.identity->uid, 1000u);
  EXPECT_EQ(process.out, (ChannelLog{{Kind::File, "/tmp/out"}, 1024, 2, 2048, true, true}));
  EXPECT_EQ(process.err, (ChannelLog{{Kind::None, ""}, 3072, 3, 4096, true, true}));
  EXPECT_EQ(process.environment, (Environment{{"A", "1"}}));
  EXPECT_EQ(process.directory, "~/d") << "neither expanded nor checked";
  EXPECT_EQ(process.umask, 002u);
  EXPECT_EQ(process.server_url, "http://x");
}

TEST_F(ProgramTest, ConversionErrors) {
  expect_program_error("autostart=", "not a valid boolean value: ''");
  expect_program_error("autorestart=Never", "invalid 'autorestart' value 'never'");
  expect_program_error("startsecs=1.5", "invalid literal for int() with base 10: '1.5'");
  expect_program_error("exitcodes=256", "not a valid list of exit codes: '256'");
  expect_program_error("stopsignal=35", "value '35' is not a valid signal number");
  expect_program_error("stopsignal=foo", "value 'foo' is not a valid signal name");
  expect_program_error("user=nobody", "Invalid user name nobody");
  expect_program_error("user=77", "Invalid user id 77");
  expect_program_error("umask=8", "8 can not be converted to an octal type");
  expect_program_error("stdout_logfile=/no/x", "The directory named as part of the path /no/x does not exist");
  expect_program_error("stderr_logfile_maxbytes=10K", "invalid literal for int() with base 10: '10k'");
  expect_program_error("environment=A", "Unexpected end of key/value pairs in value 'A'");
  expect_program_error("environment=A=\"", "No closing quotation");
  expect_program_error("process_name=a b", "Invalid name: 'a b' because of character: ' '");
  expect_program_error("directory=%",
                       "Format string '%' for 'program:web.directory' is badly formatted: incomplete format");
}

TEST_F(ProgramTest, CrossChecks) {
  const std::string suffix = " in section 'program:web' (file: '/etc/a.conf')";
  expect_error("[supervisord]\n\n[program:web]\n", "program section program:web does not specify a command" + suffix,
               "/etc/a.conf:3");
  expect_error("[supervisord]\n[program:web]\ncommand=x\nnumprocs=2\n",
               "%(process_num) must be present within process_name when numprocs > 1" + suffix, "/etc/a.conf:2");
  expect_error("[supervisord]\n[program:web]\ncommand=x\nstopasgroup=true\nkillasgroup=false\n",
               "Cannot set stopasgroup=true and killasgroup=false" + suffix, "/etc/a.conf:2");
  expect_error("[supervisord]\n[program:web]\ncommand=x\nnumprocs=32769\nprocess_name=%(process_num)d\n",
               "32769 is above upper bound (32768)" + suffix, "/etc/a.conf:2");
  EXPECT_TRUE(program("stopasgroup=true\n").policy.kill_as_group) << "follows stopasgroup";
}

TEST_F(ProgramTest, NamesOfPrograms) {
  expect_error("[supervisord]\n[program:a b]\ncommand=x\n", "Invalid name: 'a b' because of character: ' '",
               "/etc/a.conf:2");
  expect_error("[supervisord]\n[program:a/b]\ncommand=x\n", "Invalid name: 'a/b' because of character: '/'",
               "/etc/a.conf:2");
  EXPECT_EQ(process("[supervisord]\n[program: a ]\ncommand=x\n").name, "a");
  EXPECT_EQ(process("[supervisord]\n[program:]\ncommand=x\n").name, "");
}

TEST_F(ProgramTest, EmptyCommandIsAValue) { EXPECT_EQ(process("[supervisord]\n[program:a]\ncommand=\n").command, ""); }

TEST_F(ProgramTest, Numbers) {
  const Config config = good(
      "[supervisord]\n[program:p]\ncommand=%(process_num)d of "
      "%(numprocs)d\nprocess_name=%(program_name)s_%(process_num)d\n"
      "numprocs=3\nnumprocs_start=9\nstdout_logfile=/tmp/%(process_num)02d\n");
  ASSERT_EQ(config.groups.size(), 1u);
  EXPECT_THAT(names(config.groups[0]), testing::ElementsAre("p_10", "p_11", "p_9")) << "sorted as text";
  EXPECT_EQ(config.groups[0].processes[2].command, "9 of 3");
  EXPECT_EQ(config.groups[0].processes[2].out.target.path, "/tmp/09");
  for (const char* count : {"0", "-1"}) {
    const Config none = good("[supervisord]\n[program:p]\ncommand=x\nnumprocs=" + std::string{count} + "\n");
    ASSERT_EQ(none.groups.size(), 1u);
    EXPECT_TRUE(none.groups[0].processes.empty());
  }
}

TEST_F(ProgramTest, NamesInScope) {
  EXPECT_EQ(process("[supervisord]\n[program:web]\ncommand=%(here)s %(program_name)s %(group_name)s %(host_node_name)s "
                    "%(ENV_HOME)s "
                    "%(process_num)d %(numprocs)d %%\n")
                .command,
            "/etc web web host.example /home/me 0 1 %");
  expect_program_error(
      "startsecs=%(process_num)d",
      "Format string '%(process_num)d' for 'program:web.startsecs' contains names ('process_num') which "
      "cannot be expanded. Available names: ENV_HOME, ENV_PATH, group_name, here, host_node_name, program_name");
  expect_error(
      "[supervisord]\n[program:web]\ncommand=x\npriority=%(program_name)s\n",
      "Format string '%(program_name)s' for 'program:web.priority' contains names ('program_name') which cannot be "
      "expanded. Available names: ENV_HOME, ENV_PATH, here",
      "/etc/a.conf:4");
}

TEST_F(ProgramTest, OwnEnvironmentReachesThePerProcessKeys) {
  const Process process = program(
      "environment=A=%(process_num)d,B=\"b "
      "c\"\nprocess_name=p%(ENV_A)s\ndirectory=/%(ENV_B)s\nstdout_logfile=/tmp/%(ENV_A)s\n");
  EXPECT_EQ(process.name, "p0");
  EXPECT_EQ(process.directory, "/b c");
  EXPECT_EQ(process.out.target.path, "/tmp/0");
  const Loaded loaded = load("[supervisord]\n[program:web]\ncommand=x\nenvironment=U=root\nuser=%(ENV_U)s\n");
  ASSERT_TRUE(std::holds_alternative<LoadError>(loaded));
  EXPECT_THAT(std::get<LoadError>(loaded).text, testing::HasSubstr("contains names ('ENV_U')"));
  expect_program_error(
      "environment=A=%(nope)s",
      "Format string 'A=%(nope)s' for 'environment' contains names ('nope') which cannot be expanded. Available "
      "names: ENV_HOME, ENV_PATH, group_name, here, host_node_name, numprocs, process_num, program_name");
  expect_program_error(
      "process_name=%(nope)s",
      "Format string '%(nope)s' for 'process_name' contains names ('nope') which cannot be expanded. Available "
      "names: ENV_HOME, ENV_PATH, group_name, here, host_node_name, numprocs, process_num, program_name");
}

TEST_F(ProgramTest, LogfilesExpandTwice) {
  EXPECT_EQ(program("stdout_logfile=/tmp/100%%%%\n").out.target.path, "/tmp/100%");
  expect_program_error("stdout_logfile=/tmp/100%%",
                       "Format string '/tmp/100%' for 'stdout_logfile' is badly formatted: incomplete format");
}

TEST_F(ProgramTest, DeprecatedSyslog) {
  const Config config = good("[supervisord]\n[program:web]\ncommand=x\nstderr_logfile=Syslog\n");
  EXPECT_TRUE(has_notice(config, LogLevel::Warn,
                         "For [program:web], stderr_logfile=syslog but this is deprecated and will be removed.  Use "
                         "stderr_syslog=true to enable syslog instead."));
  EXPECT_EQ(config.groups[0].processes[0].err.target.kind, Kind::None);
  EXPECT_TRUE(config.groups[0].processes[0].err.syslog);
}

TEST_F(ProgramTest, AutoWithoutRollover) {
  const Config config = good(
      "[supervisord]\n[program:web]\ncommand=x\nstdout_logfile_maxbytes=0\nstderr_logfile=NONE\nstderr_logfile_"
      "maxbytes=0\n"
      "numprocs=2\nprocess_name=%(process_num)d\n");
  const Notice notice{
      LogLevel::Warn,
      "For [program:web], AUTO logging used for stdout_logfile without rollover, set maxbytes > 0 to avoid "
      "filling up filesystem unintentionally"};
  EXPECT_THAT(config.notices, testing::ElementsAre(notice, notice)) << "once a process";
}

TEST_F(ProgramTest, RedirectedStandardError) {
  const std::string head = "[supervisord]\n[program:web]\ncommand=x\nredirect_stderr=true\n";
  const Config plain = good(head);
  EXPECT_EQ(plain.groups[0].processes[0].err.target.kind, Kind::None);
  EXPECT_TRUE(plain.groups[0].processes[0].redirect_stderr);
  EXPECT_TRUE(plain.notices.empty());
  EXPECT_TRUE(good(head + "stderr_logfile=none\n").notices.empty());
  const Config named = good(head + "stderr_logfile=/tmp/x\n");
  EXPECT_EQ(named.groups[0].processes[0].err.target.kind, Kind::None);
  EXPECT_TRUE(
      has_notice(named, LogLevel::Warn,
                 "For [program:web], redirect_stderr=true but stderr_logfile has also been set to a filename, the "
                 "filename has been ignored"));
}

TEST_F(ProgramTest, ServerUrl) {
  const std::string head = "[unix_http_server]\nfile=/run/s\n[supervisord]\n[program:web]\ncommand=x\n";
  for (const char* line : {"", "serverurl=AUTO\n", "serverurl= auto \n"}) {
    const Process process = this->process(head + line);
    EXPECT_EQ(process.server_url, "unix:///run/s");
    EXPECT_FALSE(process.has_own_server_url);
  }
  const Process unset = process(head + "serverurl=\n");
  EXPECT_EQ(unset.server_url, "");
  EXPECT_TRUE(unset.has_own_server_url);
}

}  // namespace
}  // namespace upkeep::config
