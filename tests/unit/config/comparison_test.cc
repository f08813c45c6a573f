#include "config/comparison.h"

#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ComparisonTest : public LoadTest {
 protected:
  // Whether a change of the lines of [program:web] is one for `reread`.
  bool is_change(const std::string& active, const std::string& fresh) {
    return is_change_of("[program:web]\ncommand=x\n", active, fresh);
  }
  bool is_change_of(const std::string& head, const std::string& active, const std::string& fresh) {
    const Config before = good("[supervisord]\n" + head + active);
    const Config after = good("[supervisord]\n" + head + fresh);
    if (before.groups.size() == 1 && after.groups.size() == 1) return !is_unchanged(before.groups[0], after.groups[0]);
    ADD_FAILURE() << "not one group each";
    return false;
  }
};

// Each line changes what is compared; without it the default applies.
TEST_F(ComparisonTest, EverySettingCounts) {
  for (const char* line : {"command=y",
                           "directory=/",
                           "umask=022",
                           "user=web",
                           "priority=1",
                           "autostart=false",
                           "autorestart=true",
                           "startsecs=2",
                           "startretries=4",
                           "stdout_logfile=/tmp/x",
                           "stderr_logfile=NONE",
                           "stdout_capture_maxbytes=1",
                           "stderr_capture_maxbytes=1",
                           "stdout_events_enabled=true",
                           "stderr_events_enabled=true",
                           "stdout_syslog=true",
                           "stderr_syslog=true",
                           "stdout_logfile_backups=1",
                           "stderr_logfile_backups=1",
                           "stdout_logfile_maxbytes=1",
                           "stderr_logfile_maxbytes=1",
                           "stopsignal=HUP",
                           "stopwaitsecs=1",
                           "killasgroup=true",
                           "stopasgroup=true",
                           "exitcodes=0,2",
                           "redirect_stderr=true",
                           "environment=A=1",
                           "serverurl=unix:///x",
                           "serverurl=",
                           "process_name=y",
                           "numprocs=0"}) {
    EXPECT_FALSE(is_change(line, line)) << line;
    EXPECT_TRUE(is_change("", line)) << line;
  }
}

TEST_F(ComparisonTest, ValuesAreComparedAsExpanded) {
  EXPECT_TRUE(is_change("command=a b", "command=a  b")) << "the text, not the words";
  EXPECT_FALSE(is_change("command=%(program_name)s", "command=web"));
  EXPECT_TRUE(is_change("exitcodes=0,2", "exitcodes=2,0"));
  EXPECT_FALSE(is_change("environment=A=1,B=2", "environment=B=2,A=1"));
  EXPECT_FALSE(is_change("user=root", "user=0"));
  EXPECT_TRUE(is_change("", "user=web")) << "although we are that user";
  EXPECT_FALSE(is_change("serverurl=AUTO", ""));
  EXPECT_FALSE(is_change("comment=1", "comment=2")) << "nobody reads it";
}

TEST_F(ComparisonTest, AutomaticLogs) {
  for (const std::string key : {"stdout_logfile=", "stderr_logfile="}) {
    EXPECT_FALSE(is_change(key + "AUTO", key + "AUTO"));
    EXPECT_TRUE(is_change(key + "AUTO", key + "/tmp/x"));
    EXPECT_TRUE(is_change(key + "AUTO", key + "NONE"));
    EXPECT_FALSE(is_change(key + "/tmp/x", key + "AUTO"));
    EXPECT_FALSE(is_change(key + "NONE", key + "AUTO"));
    EXPECT_TRUE(is_change(key + "/tmp/x", key + "/tmp/y"));
    EXPECT_TRUE(is_change(key + "/tmp/x", key + "NONE"));
  }
}

TEST_F(ComparisonTest, TheSharedEnvironmentCountsButNotTheServersAddress) {
  EXPECT_TRUE(is_change_of("environment=A=1\n[program:a]\ncommand=x\n", "", "[supervisord]\nenvironment=A=2\n"));
  EXPECT_FALSE(is_change_of("[program:a]\ncommand=x\n", "", "[unix_http_server]\nfile=/x\n"));
}

TEST_F(ComparisonTest, KindsOfGroups) {
  const std::string program = "[program:a]\ncommand=x\n";
  EXPECT_FALSE(is_change_of(program, "", "[group:a]\nprograms=a\n")) << "still group a with a process a";
  EXPECT_TRUE(is_change_of("", program, "[fcgi-program:a]\ncommand=x\nsocket=tcp://h:1\n"));
  EXPECT_TRUE(is_change_of("", program, "[eventlistener:a]\ncommand=x\nevents=EVENT\npriority=999\n"));
  EXPECT_FALSE(is_change_of("[group:g]\nprograms=a\n", "[program:a]\ncommand=x\nprocess_name=p\n",
                            "[program:a]\ncommand=x\nprocess_name=p\n"));
}

TEST_F(ComparisonTest, OfSocketsOnlyTheAddress) {
  const std::string head = "[fcgi-program:a]\ncommand=x\nsocket=unix:///a\n";
  EXPECT_FALSE(is_change_of(head, "", "socket_mode=0777\nsocket_owner=web\nsocket_backlog=3\n"));
  EXPECT_TRUE(is_change_of(head, "", "socket=unix:///b\n"));
}

TEST_F(ComparisonTest, EventsAsASet) {
  const std::string head = "[eventlistener:a]\ncommand=x\nevents=TICK_5,EVENT\n";
  EXPECT_FALSE(is_change_of(head, "", "events=event,TICK_5,EVENT\n"));
  EXPECT_TRUE(is_change_of(head, "", "events=EVENT\n"));
  EXPECT_TRUE(is_change_of(head, "", "buffer_size=11\n"));
  EXPECT_TRUE(is_change_of(head, "", "result_handler=a:b\n"));
}

TEST_F(ComparisonTest, OfServicesWhatTheirSectionSays) {
  const std::string head = "[svscan:s]\ndirectory=/tmp\n";
  for (const char* line : {"directory=/", "dialect=encore", "priority=1", "environment=A=1", "umask=022",
                           "redirect_stderr=true", "stdout_logfile=/tmp/x", "stderr_logfile=NONE", "stdout_syslog=true",
                           "stderr_syslog=true", "stdout_logfile_backups=1", "stderr_logfile_backups=1",
                           "stdout_logfile_maxbytes=1", "stderr_logfile_maxbytes=1"}) {
    EXPECT_FALSE(is_change_of(head, line, line)) << line;
    EXPECT_TRUE(is_change_of(head, "", line)) << line;
  }
  for (const std::string key : {"stdout_logfile=", "stderr_logfile="})
    EXPECT_FALSE(is_change_of(head, key + "/tmp/x", key + "AUTO"));
  EXPECT_TRUE(is_change_of(head + "environment=A=1\n", "", "[supervisord]\nenvironment=B=2\n"));
  EXPECT_FALSE(is_change_of(head, "", "[unix_http_server]\nfile=/x\n"));
  EXPECT_TRUE(is_change_of("", head, "[program:s]\ncommand=x\nnumprocs=0\n")) << "neither has a process yet";
  EXPECT_TRUE(is_change_of("", "[program:s]\ncommand=x\nnumprocs=0\n", head));
}

TEST_F(ComparisonTest, MembersInOrder) {
  const std::string programs = "[program:a]\ncommand=x\n[program:b]\ncommand=x\n";
  EXPECT_TRUE(is_change_of(programs, "[group:g]\nprograms=a,b\n", "[group:g]\nprograms=b,a\n"));
  EXPECT_TRUE(is_change_of(programs, "[group:g]\nprograms=a,b\n", "[group:g]\nprograms=a,b\npriority=1\n"));
}

TEST_F(ComparisonTest, AddedChangedRemoved) {
  const auto section = [](const std::string& name, const std::string& lines = "") {
    return "[program:" + name + "]\ncommand=x\n" + lines;
  };
  const Config active =
      good("[supervisord]\n" + section("c", "priority=5\n") + section("b") + section("z") + section("a"));
  const Config fresh = good("[supervisord]\n" + section("new2") + section("new1", "priority=-3\n") +
                            section("z", "umask=1\n") + section("a", "umask=1\npriority=1000\n") + section("b"));
  EXPECT_EQ(compare(active.groups, active.groups), Comparison{});
  const Comparison comparison = compare(active.groups, fresh.groups);
  EXPECT_THAT(comparison.added, ElementsAre("new1", "new2"));
  EXPECT_THAT(comparison.changed, ElementsAre("z", "a"));
  EXPECT_THAT(comparison.removed, ElementsAre("c"));
  EXPECT_THAT(compare(active.groups, {}).removed, ElementsAre("c", "a", "b", "z"));
  EXPECT_THAT(compare({}, active.groups).changed, IsEmpty());
}

}  // namespace
}  // namespace upkeep::config
