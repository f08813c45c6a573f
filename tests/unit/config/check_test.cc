#include "config/check.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "fakes/fake_world.h"

namespace upkeep::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CheckTest : public testing::Test {
 protected:
  CheckTest() {
    world_.uid = 0;
    for (const char* path : {"/", "/etc", "/etc/conf.d", "/bin", "/log", "/run", "/srv", "/tmp", "/here", "/dev"}) {
      world_.directories.insert(path);
      world_.file_permissions[path] = {0, 0, S_IFDIR | 0755};
    }
    for (const char* path : {"/bin/web", "/bin/sh"}) {
      world_.files[path] = "";
      world_.file_permissions[path] = {0, 0, S_IFREG | 0755};
    }
  }

  CheckReport report(const std::string& text) {
    world_.files["/etc/a.conf"] = text;
    return check("/etc/a.conf", world_);
  }
  // "error value 4:9" for each finding, without the file of the main one.
  static std::vector<std::string> short_words(const CheckReport& report) {
    std::vector<std::string> words;
    for (const Finding& finding : report.findings) {
      const char* severity = finding.severity == Severity::Error     ? "error"
                             : finding.severity == Severity::Warning ? "warning"
                                                                     : "surprise";
      words.push_back(fmt::format("{} {} {}{}:{}", severity, finding.rule,
                                  finding.file == "/etc/a.conf" ? "" : finding.file + ":", finding.line,
                                  finding.column));
    }
    return words;
  }
  std::vector<std::string> found(const std::string& text) { return short_words(report(text)); }
  // Of a good [supervisord] of three lines, with more from line 5.
  std::vector<std::string> more(const std::string& text) {
    return found("[supervisord]\nuser=root\nlogfile=/log/s.log\npidfile=/run/s.pid\n" + text);
  }
  // Of [program:web] on line 5 with lines from 6.
  std::vector<std::string> program(const std::string& lines) { return more("[program:web]\n" + lines); }

  FakeWorld world_;
};

TEST_F(CheckTest, AGoodFileIsClean) {
  EXPECT_THAT(program("command=/bin/web --port=80 ; a comment\ndirectory=/srv\nstdout_logfile=/log/web.log\n"),
              IsEmpty());
  EXPECT_THAT(program("command=web --format=%%H%(process_num)d --tag=a;b\nenvironment=A=\"x@y\",B=1,\n  C='2'\n"),
              IsEmpty());
  EXPECT_THAT(program("command=sh -c 'cd /srv;exec web | cat > $HOME'\nautostart=false\n"), IsEmpty());
}

TEST_F(CheckTest, AllErrorsAreFoundAtOnce) {
  EXPECT_THAT(found("[supervisord]\nuser=root\nloglevel=nope\nlogfile=/log/l\npidfile=/run/p\numask=9\n"
                    "[program:a]\ncommand=/bin/web\nautostart=maybe\nstartsecs=x\nuser=nobody-such\n"
                    "stdout_logfile=/no/such/log\nenvironment=A\n"
                    "[program:b c]\ncommand=/bin/web\n[program:d]\npriority=x\n[group:g]\nprograms=b c,d\n"
                    "[eventlistener:e]\nevents=NOPE\nbuffer_size=0\n[inet_http_server]\nport=70000\n"),
              ElementsAre("error value 3:10", "error value 6:7", "error value 9:11", "error value 10:11",
                          "error value 11:6", "error value 12:16", "error value 13:13", "error section 14:1",
                          "error section 16:1", "error value 17:10", "error section 20:1", "error value 21:8",
                          "error value 22:13", "warning no-interface 23:1", "error value 24:6"));
}

TEST_F(CheckTest, LinesThatAreNothing) {
  EXPECT_THAT(more("nonsense\n[program:web]\ncommand=web\nmore of it\n"),
              ElementsAre("error syntax 5:1", "error syntax 8:1"));
  EXPECT_THAT(found("a=1\nb=2\n[supervisord]\nuser=root\nlogfile=/log/l\npidfile=/run/p\n"),
              ElementsAre("error syntax 1:1", "error syntax 2:1"));
  EXPECT_THAT(program("command=web\xff\numask=9\n"), ElementsAre("error encoding 6:9", "error value 7:7"));
  EXPECT_THAT(found("[program:web]\ncommand=web\numask=9\n"), testing::Contains("error section 0:0"));
}

TEST_F(CheckTest, NamesThatCannotBeExpanded) {
  const CheckReport report = this->report(
      "[supervisord]\nuser=root\nlogfile=/log/l\npidfile=/run/p\n[program:web]\n"
      "command=web %(program_nam)s %%(x)s\n  %(ENV_NOPE)s 100%\nstartsecs=1%\n");
  EXPECT_THAT(short_words(report), ElementsAre("error unknown-name 6:13", "error unknown-name 7:3",
                                               "error percent 7:19", "error percent 8:12"));
  EXPECT_EQ(report.findings[0].fix, "did you mean %(program_name)s?");
  EXPECT_THAT(report.findings[1].fix, HasSubstr("set NOPE where supervisord is started"));
}

TEST_F(CheckTest, ErrorsOfIncludedFiles) {
  world_.files["/etc/conf.d/b.conf"] = "[program:b]\n\ncommand=web\nautostart=maybe\n[include]\n";
  EXPECT_THAT(more("[include]\nfiles=conf.d/*.conf no*.conf\n"),
              ElementsAre("warning include 6:21", "error value /etc/conf.d/b.conf:4:11",
                          "warning nested-include /etc/conf.d/b.conf:5:1"));
}

TEST_F(CheckTest, AFileThatIsNotThere) {
  const CheckReport report = check("/etc/none", world_);
  EXPECT_THAT(short_words(report), ElementsAre("error file :0:0"));
  EXPECT_EQ(report.findings[0].what, "could not find config file /etc/none");
}

TEST_F(CheckTest, WhatNobodyReads) {
  const CheckReport report =
      this->report("[supervisord]\nuser=root\nlogfile=/log/l\npidfile=/run/p\nlogfle=x\n[progam:a]\ncommand=b\n");
  EXPECT_THAT(short_words(report), ElementsAre("warning unknown-key 5:1", "warning unknown-section 6:0"));
  EXPECT_EQ(report.findings[0].fix, "did you mean \"logfile\"?");
  EXPECT_EQ(report.findings[1].fix, "did you mean [program:a]?");
  EXPECT_THAT(program("command=web\nredirect_stderr=true\nstderr_logfile=/log/e\n"),
              ElementsAre("warning ignored 8:16"));
}

TEST_F(CheckTest, CommentsAndContinuedLines) {
  EXPECT_THAT(program("command=sh -c 'a ; b'\n"), ElementsAre("warning command-quotes 6:9", "warning comment 6:18"));
  EXPECT_THAT(program("command=web ; /bin/web\n"), ElementsAre("surprise comment 6:13"));
  EXPECT_THAT(program("command=web\n  autostart=false\n [group:x]\n"),
              ElementsAre("warning continued-line 7:3", "warning continued-line 8:2"));
  EXPECT_THAT(program("command=web \\\n  --x\n"), ElementsAre("warning backslash 6:13"));
  EXPECT_THAT(program("command=web\nprocess_name=a;b\n"), ElementsAre("surprise semicolon 7:15"));
  EXPECT_THAT(more("[inet_http_server]\nport=127.0.0.1:9001\nusername=a\npassword=b #c\n[rpcinterface:supervisor]\n"
                   "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"),
              ElementsAre("surprise comment 8:10"));
}

TEST_F(CheckTest, PasswordsAreNotShown) {
  for (const char* password : {"geheim %(x)s", "geheim 100%", "geheim # x", "geheim\npassword=x"}) {
    const CheckReport report =
        this->report(fmt::format("[supervisord]\n[inet_http_server]\nport=9\nusername=a\npassword={}\n", password));
    bool is_about_it = false;
    for (const Finding& finding : report.findings) {
      EXPECT_THAT(finding.text + finding.what + finding.why + finding.fix, testing::Not(HasSubstr("geheim")));
      is_about_it = is_about_it || finding.text == "password=(not shown)";
    }
    EXPECT_TRUE(is_about_it) << password;
  }
}

TEST_F(CheckTest, QuotesAndRepeatedKeys) {
  EXPECT_THAT(program("command=\"web\"\ndirectory=\"/srv\"\n"),
              ElementsAre("warning directory 7:11", "warning quotes 7:11"));
  EXPECT_THAT(program("command=/bin/none\n[program:web]\ncommand=web\n"), ElementsAre("surprise repeated-key 6:1"));
}

TEST_F(CheckTest, Environment) {
  EXPECT_THAT(program("command=web\nenvironment=A=\"$HOME/x\",B=1\n"), ElementsAre("surprise variable 7:16"));
  EXPECT_THAT(program("command=web\nenvironment=A=\"${HOME}\"\n"), ElementsAre("surprise variable 7:16"));
  const CheckReport report = this->report(
      "[supervisord]\nuser=root\nlogfile=/log/l\npidfile=/run/p\nenvironment=A=a#b\n[program:web]\ncommand=web\n");
  EXPECT_THAT(short_words(report), ElementsAre("surprise environment 5:15"));
  EXPECT_EQ(report.findings[0].what, "A becomes 'a'");
  EXPECT_EQ(report.findings[0].fix, "write A=\"a#b\"");
}

TEST_F(CheckTest, Commands) {
  EXPECT_THAT(program("command=nope x\n"), ElementsAre("warning command-not-found 6:9"));
  EXPECT_THAT(program("command=nope\nenvironment=PATH=\"/srv\"\n"), ElementsAre("warning command-not-found 6:9"));
  EXPECT_THAT(program("command=web\nenvironment=PATH=\"/srv\"\n"), ElementsAre("warning command-not-found 6:9"));
  EXPECT_THAT(program("command=/srv\n"), ElementsAre("warning command-not-found 6:9"));
  EXPECT_THAT(program("command=\n"), ElementsAre("warning command-empty 6:9"));
  EXPECT_THAT(program("command=A=1 web\n"), ElementsAre("warning shell 6:9"));
  world_.file_permissions["/bin/web"].mode = S_IFREG | 0700;
  EXPECT_THAT(program("command=web\nuser=web\n"), ElementsAre("warning command-not-executable 6:9"));
  EXPECT_THAT(program("command=web\n"), IsEmpty());
  world_.file_permissions["/bin/web"].mode = S_IFREG | 0757;
  EXPECT_THAT(program("command=web\n"), ElementsAre("warning exposed 6:9"));
}

TEST_F(CheckTest, ShellSyntaxThatNoShellReads) {
  EXPECT_THAT(program("command=web | web\n"), ElementsAre("surprise shell 6:13"));
  EXPECT_THAT(program("command=web && web\n"), ElementsAre("surprise shell 6:13"));
  EXPECT_THAT(program("command=web >/dev/null\n"), ElementsAre("surprise shell 6:13"));
  EXPECT_THAT(program("command=web --home=${HOME}\n"), ElementsAre("surprise shell 6:13"));
  EXPECT_THAT(program("command=web ~/x\n"), ElementsAre("surprise shell 6:13"));
  EXPECT_THAT(program("command=web '|' \"a > b\" '$HOME' a&b=1 5$\n"), IsEmpty());
  EXPECT_THAT(program("command=sh -c 'cd /srv;web'\n"), ElementsAre("surprise shell-stays 6:9"));
  EXPECT_THAT(program("command=sh -c 'cd /srv;web'\nstopasgroup=true\n"), IsEmpty());
}

TEST_F(CheckTest, Logs) {
  EXPECT_THAT(program("command=web\nstdout_logfile=/dev/stdout\n"), ElementsAre("surprise rotation 7:16"));
  EXPECT_THAT(program("command=web\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\n"), IsEmpty());
  EXPECT_THAT(program("command=web\nstdout_logfile=x.log\n"), ElementsAre("surprise relative-path 7:16"));
  EXPECT_THAT(program("command=web\nstdout_logfile=/srv\n"), ElementsAre("warning not-writable 7:16"));
  EXPECT_THAT(program("command=web\nstdout_logfile=/log/x\nstderr_logfile=/log/x\n"),
              ElementsAre("warning shared-file 8:16"));
  EXPECT_THAT(program("command=web\nnumprocs=2\nprocess_name=%(process_num)d\nstdout_logfile=/log/x\n"),
              ElementsAre("warning shared-file 9:16"));
  EXPECT_THAT(program("command=web\nstdout_logfile=/log/s.log\n"), ElementsAre("warning shared-file 7:16"));
  EXPECT_THAT(found("[supervisord]\nuser=root\n"),
              ElementsAre("surprise relative-path 1:1", "surprise relative-path 1:1"));
}

TEST_F(CheckTest, WhereTheDaemonsUserMayNotWrite) {
  EXPECT_THAT(found("[supervisord]\nuser=web\nlogfile=/log/l\npidfile=/tmp/p\n[program:a]\ncommand=web\n"),
              ElementsAre("warning not-writable 1:1", "warning not-writable 3:9", "warning not-writable 4:9"));
  world_.file_permissions["/tmp"].mode = S_IFDIR | 01777;
  world_.file_permissions["/log"] = {0, 101, S_IFDIR | 0770};  // of a group that the user is in
  EXPECT_THAT(found("[supervisord]\nuser=web\nlogfile=/log/l\npidfile=/tmp/p\n[program:a]\ncommand=web\n"), IsEmpty());
}

TEST_F(CheckTest, Programs) {
  EXPECT_THAT(program("command=web\ndirectory=/nope\n"), ElementsAre("warning directory 7:11"));
  world_.file_permissions["/srv"].mode = S_IFDIR | 0700;
  EXPECT_THAT(program("command=web\ndirectory=/srv\nuser=web\n"), ElementsAre("warning directory 7:11"));
  EXPECT_THAT(program("command=web\nnumprocs=0\n"), ElementsAre("surprise numprocs 7:10"));
  EXPECT_THAT(program("command=web --graceful-timeout 30\n"), ElementsAre("surprise stop-time 5:1"));
  EXPECT_THAT(program("command=web --graceful-timeout=30\nstopwaitsecs=35\n"), IsEmpty());
  EXPECT_THAT(more("stop_grace=5\n[program:web]\ncommand=web\n"), ElementsAre("surprise stop-time 6:1"));
  EXPECT_THAT(program("command=web\n[eventlistener:l]\ncommand=web\nevents=TICK_5\npriority=1000\n"),
              ElementsAre("surprise listener-order 10:10"));
}

constexpr const char* kInterface =
    "[rpcinterface:supervisor]\n"
    "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n";

TEST_F(CheckTest, Servers) {
  EXPECT_THAT(more("[unix_http_server]\nfile=/run/s\n"), ElementsAre("warning no-interface 5:1"));
  EXPECT_THAT(more(std::string{kInterface} + "[unix_http_server]\nfile=/nope/s\n"),
              ElementsAre("warning not-writable 8:6"));
  EXPECT_THAT(more(std::string{kInterface} + "[unix_http_server]\nfile=/run/" + std::string(110, 'x') + "\n"),
              ElementsAre("warning long-path 8:6"));
  EXPECT_THAT(more(std::string{kInterface} + "[inet_http_server]\nport=9001\n"),
              ElementsAre("warning open-server 8:6"));
  EXPECT_THAT(more(std::string{kInterface} + "[inet_http_server]\nport=localhost:9001\n[inet_http_server:b]\n"
                                             "port=localhost:9001\n"),
              ElementsAre("warning shared-address 10:6"));
  EXPECT_THAT(more("[supervisorctl]\nserverurl=unix:///run/s\n"), ElementsAre("warning supervisorctl 6:11"));
  EXPECT_THAT(more(std::string{kInterface} + "[supervisorctl]\nserverurl=http://localhost:9002\n[inet_http_server]\n"
                                             "port=127.0.0.1:9001\n"),
              ElementsAre("warning supervisorctl 8:11"));
  EXPECT_THAT(program("command=web supervisorctl\n"), ElementsAre("warning no-server 6:13"));
}

TEST_F(CheckTest, AddressesInUse) {
  world_.files["/proc/net/tcp"] =
      "  sl  local_address rem_address   st\n"
      "   0: 0100007F:2329 00000000:0000 0A 00000000:00000000\n"
      "   1: 0200007F:232A 00000000:0000 0A 00000000:00000000\n"
      "   2: 0100007F:232B 00000000:0000 01 00000000:00000000\n";
  world_.files["/proc/net/unix"] =
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/s\n";
  const auto port = [&](const std::string& address) {
    return more(std::string{kInterface} + "[inet_http_server]\nusername=a\npassword=b\nport=" + address + "\n");
  };
  EXPECT_THAT(port("127.0.0.1:9001"), ElementsAre("warning port-in-use 10:6"));
  EXPECT_THAT(port("*:9001"), ElementsAre("warning port-in-use 10:6"));
  EXPECT_THAT(port("127.0.0.1:9002"), IsEmpty());
  EXPECT_THAT(port("127.0.0.1:9003"), IsEmpty());
  const std::string socket = std::string{kInterface} + "[unix_http_server]\nfile=/run/s\n";
  EXPECT_THAT(more(socket), ElementsAre("warning socket-in-use 8:6"));
  world_.files["/run/s.pid"] = "77\n";  // it is the daemon's own
  world_.files["/proc/77/comm"] = "supervisord\n";
  EXPECT_THAT(more(socket), IsEmpty());
}

TEST_F(CheckTest, RootIsASurprise) {
  EXPECT_THAT(found("[supervisord]\nlogfile=/log/l\npidfile=/run/p\n"), ElementsAre("surprise root 1:1"));
}

TEST_F(CheckTest, TheFileIsSearchedForAsSupervisordDoes) {
  world_.files["/etc/supervisord.conf"] = "[supervisord]\nuser=root\nlogfile=/log/l\npidfile=/run/p\numask=9\n";
  const CheckReport report = check(std::nullopt, world_);
  EXPECT_EQ(report.file, "/etc/supervisord.conf");
  EXPECT_EQ(report.count(Severity::Error), 1U);
}

TEST_F(CheckTest, ThousandsOfErrorsEndSomewhere) {
  std::string text = "[supervisord]\nuser=root\nlogfile=/log/l\npidfile=/run/p\n";
  for (int i = 0; i < 300; ++i) text += fmt::format("[program:{}]\ncommand=web\numask=9\n", i);
  const CheckReport report = this->report(text);
  EXPECT_EQ(report.count(Severity::Error), 200U);
}

}  // namespace
}  // namespace upkeep::config
