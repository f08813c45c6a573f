#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"
#include "wire/keeper_messages.h"  // for one constant

namespace upkeep::config {
namespace {

using testing::ElementsAre;
using GroupsTest = LoadTest;

// "g: a b" for each group.
std::vector<std::string> outline(const Config& config) {
  std::vector<std::string> lines;
  for (const Group& group : config.groups) {
    std::string line = group.name + ":";
    for (const Process& process : group.processes) line += " " + process.name;
    lines.push_back(line);
  }
  return lines;
}

std::string program_section(const std::string& name, const std::string& lines = "") {
  return "[program:" + name + "]\ncommand=%(group_name)s\n" + lines;
}

TEST_F(GroupsTest, SortByPriorityThenName) {
  const Config config = good("[supervisord]\n" + program_section("b") + program_section("a") +
                             program_section("c", "priority=-5\n") + program_section("B") + "[group:z]\npriority=5\n");
  EXPECT_THAT(outline(config), ElementsAre("c: c", "z:", "B: B", "a: a", "b: b"));
}

TEST_F(GroupsTest, GroupedProgramsExistOnlyThere) {
  const Config config =
      good("[group:g]\nprograms=b, a\npriority=3\n[supervisord]\n" + program_section("a", "priority=1\n") +
           program_section("b", "numprocs=2\nprocess_name=b%(process_num)d\n") + program_section("c"));
  EXPECT_THAT(outline(config), ElementsAre("g: b0 b1 a", "c: c")) << "in the order of programs=";
  EXPECT_EQ(config.groups[0].kind, Group::Kind::Group);
  EXPECT_EQ(config.groups[0].priority, 3);
  EXPECT_EQ(config.groups[0].processes[2].command, "g");
  EXPECT_EQ(config.groups[0].processes[2].group, "g");
  EXPECT_EQ(config.groups[0].processes[2].program, "a");
  EXPECT_EQ(config.groups[0].processes[2].priority, 1);
  EXPECT_EQ(config.groups[1].kind, Group::Kind::Program);
}

TEST_F(GroupsTest, AProgramMayBeInTwoGroups) {
  const Config config = good("[supervisord]\n[group:g]\nprograms=a\n[group:h]\nprograms=a\n" + program_section("a"));
  EXPECT_THAT(outline(config), ElementsAre("g: a", "h: a"));
  EXPECT_EQ(config.groups[1].processes[0].command, "h");
}

TEST_F(GroupsTest, EmptyGroups) {
  EXPECT_THAT(outline(good("[supervisord]\n[group:g]\n[group:h]\nprograms=\n")), ElementsAre("g:", "h:"));
}

TEST_F(GroupsTest, Errors) {
  expect_error("[supervisord]\n[group:g]\nprograms=a\n", "[group:g] names unknown program or fcgi-program a",
               "/etc/a.conf:3");
  expect_error("[supervisord]\n[group:g]\nprograms=a,\n" + program_section("a"),
               "[group:g] names unknown program or fcgi-program ", "/etc/a.conf:3");
  expect_error("[supervisord]\n[group:g]\nprograms=a\n[fcgi-program:a]\n" + program_section("a"),
               "[group:g] name a is ambiguous (exists as program and fcgi-program)", "/etc/a.conf:3");
  expect_error("[supervisord]\n[group:g:h]\n", "Invalid name: 'g:h' because of character: ':'", "/etc/a.conf:2");
  expect_error("[supervisord]\n[group:g]\npriority=x\n", "invalid literal for int() with base 10: 'x'",
               "/etc/a.conf:3");
  expect_error("[supervisord]\n[group:g]\nprograms=a b\n[program:a b]\ncommand=x\n",
               "Invalid name: 'a b' because of character: ' ' in section 'program:a b' (file: '/etc/a.conf')",
               "/etc/a.conf:4");
}

// The original gives it no socket either, and a program that works that way might be listening there by itself.
TEST_F(GroupsTest, AGroupedFcgiProgramIsAPlainProgram) {
  const Config config =
      good("[supervisord]\n[group:g]\nprograms=a,f\n[fcgi-program:f]\ncommand=%(group_name)s\nsocket=nonsense\n" +
           program_section("a"));
  EXPECT_THAT(outline(config), ElementsAre("g: a f"));
  EXPECT_FALSE(config.groups[0].socket);
  EXPECT_TRUE(has_notice(config, LogLevel::Warn,
                         "For [fcgi-program:f], listed in [group:g]: there it runs as a plain program, without its "
                         "socket"));
}

TEST_F(GroupsTest, ListenersCannotBeGrouped) {
  expect_error("[supervisord]\n[group:g]\nprograms=e\n[eventlistener:e]\ncommand=x\nevents=EVENT\n",
               "[group:g] names unknown program or fcgi-program e", "/etc/a.conf:3");
}

// Groups, programs, listeners, FastCGI programs, then a stable sort: seen where names are equal, for the first is kept.
TEST_F(GroupsTest, KindsComeInOrder) {
  const std::string listener = "[eventlistener:a]\ncommand=listener\nevents=EVENT\npriority=5\n";
  const std::string fcgi = "[fcgi-program:a]\ncommand=fcgi\nsocket=tcp://h:1\npriority=5\n";
  const std::string group = "[group:a]\nprograms=b\npriority=5\n" + program_section("b");
  const auto first = [&](const std::string& text) {
    const Config config = good("[supervisord]\n" + text);
    return config.groups.size() == 1 ? config.groups[0].kind : Group::Kind::Program;
  };
  EXPECT_EQ(first(fcgi), Group::Kind::FcgiProgram);
  EXPECT_EQ(first(fcgi + listener), Group::Kind::EventListener);
  EXPECT_EQ(first(fcgi + listener + group), Group::Kind::Group);
  EXPECT_EQ(good("[supervisord]\n" + fcgi + listener + program_section("a", "priority=5\n")).groups[0].kind,
            Group::Kind::Program);
}

TEST_F(GroupsTest, NamesLongerThanTheKeeperStores) {
  static_assert(kProcessNameBytesMax == wire::kSlotNameBytesMax);
  const std::string longest(kProcessNameBytesMax - 2, 'n');
  EXPECT_TRUE(good("[supervisord]\n" + program_section("g", "process_name=" + longest + "\n")).notices.empty());
  const Config config = good("[supervisord]\n" + program_section("g", "process_name=" + longest + "n\n"));
  EXPECT_EQ(config.groups.size(), 1u) << "only this process is affected, and only when it is started";
  EXPECT_THAT(config.notices,
              ElementsAre(Notice{LogLevel::Warn, "g:" + longest +
                                                     "n cannot be started: its name has 257 bytes, group and process "
                                                     "together may have 256"}));
}

TEST_F(GroupsTest, EqualNames) {
  const Config groups = good("[supervisord]\n[group:a]\nprograms=b\npriority=9\n" +
                             program_section("a", "priority=1\n") + program_section("b"));
  EXPECT_THAT(outline(groups), ElementsAre("a: a"));
  EXPECT_TRUE(has_notice(groups, LogLevel::Warn, "Several groups are named a, only the first in start order is used"));
  const Config processes =
      good("[supervisord]\n[group:g]\nprograms=a,b,c\n" + program_section("a", "process_name=p\n") +
           program_section("b") + program_section("c", "process_name=p\n"));
  EXPECT_THAT(outline(processes), ElementsAre("g: p b"));
  EXPECT_EQ(processes.groups[0].processes[0].program, "c") << "the last counts, at the place of the first";
  EXPECT_TRUE(has_notice(processes, LogLevel::Warn, "Several processes of group g are named p, only the last is used"));
}

}  // namespace
}  // namespace upkeep::config
