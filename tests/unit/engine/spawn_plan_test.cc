#include "engine/spawn_plan.h"

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "fakes/temporary_folder.h"

namespace upkeep::engine {
namespace {

using namespace std::chrono_literals;
using fakes::TemporaryFolder;
using testing::ElementsAre;

class ResolveCommand : public testing::Test {
 protected:
  ResolveCommand() { setting_.environment = {{"PATH", folder_ / "empty"}}; }

  void program(const std::string& name, int mode = 0755) {
    std::filesystem::create_directories(std::filesystem::path{folder_ / name}.parent_path());
    fakes::put(folder_ / name, "#!/bin/sh\n");
    std::filesystem::permissions(folder_ / name, static_cast<std::filesystem::perms>(mode));
  }
  // The file and its arguments, or the fault.
  std::string resolve(const std::string& command) {
    process_.command = command;
    const auto resolved = resolve_command(process_, setting_);
    if (!resolved) return resolved.error().text();
    std::string text = resolved->file;
    for (const std::string& word : resolved->argv) text += "|" + word;
    return text;
  }

  TemporaryFolder folder_;
  config::Process process_;
  SpawnSetting setting_;
};

TEST_F(ResolveCommand, SplitsWords) {
  EXPECT_EQ(resolve("/bin/echo  one 'two words' \"th\\\"ree\" fo\\ ur"),
            "/bin/echo|/bin/echo|one|two words|th\"ree|fo ur");
}

TEST_F(ResolveCommand, RefusesWhatCannotBeSplit) {
  EXPECT_EQ(resolve("/bin/echo 'x"), "NOT_EXECUTABLE: can't parse command \"/bin/echo 'x\": No closing quotation");
  EXPECT_EQ(resolve("/bin/echo \\"), "NOT_EXECUTABLE: can't parse command '/bin/echo \\\\': No escaped character");
  EXPECT_EQ(resolve(""), "NOT_EXECUTABLE: command is empty");
  EXPECT_EQ(resolve("  "), "NOT_EXECUTABLE: command is empty");
}

TEST_F(ResolveCommand, RefusesWhatCannotBeRun) {
  program("data", 0644);
  EXPECT_EQ(resolve("/does/not/exist x"), "NO_FILE: can't find command '/does/not/exist'");
  EXPECT_EQ(resolve("nope"), "NO_FILE: can't find command 'nope'");
  EXPECT_EQ(resolve(folder_.path()), "NOT_EXECUTABLE: command at '" + folder_.path() + "' is a directory");
  EXPECT_EQ(resolve(folder_ / "data"), "NOT_EXECUTABLE: command at '" + (folder_ / "data") + "' is not executable");
}

TEST_F(ResolveCommand, RefusesWhatOnlyOthersMayRun) {
  program("theirs", 0701);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  const std::string expected = "NOT_EXECUTABLE: no permission to run command '" + (folder_ / "theirs") + "'";
  if (::geteuid() != 0) {
    ASSERT_EQ(::chmod((folder_ / "theirs").c_str(), 0601), 0);
    EXPECT_EQ(resolve(folder_ / "theirs"), expected);
    return;
  }
  // Root may run everything; somebody in the file's group may not.
  ASSERT_EQ(::chown((folder_ / "theirs").c_str(), 0, 65533), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const bool became = ::setgroups(0, nullptr) == 0 && ::setgid(65533) == 0 && ::setuid(65534) == 0;
    ::_exit(became && resolve(folder_ / "theirs") == expected ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

TEST_F(ResolveCommand, SearchesTheDaemonsPath) {
  program("bin/tool");
  setting_.environment = {{"PATH", (folder_ / "empty") + ":" + (folder_ / "bin")}};
  EXPECT_EQ(resolve("tool x"), (folder_ / "bin/tool") + "|tool|x") << "argv[0] stays as written";
}

TEST_F(ResolveCommand, TheProgramsOwnPathWins) {
  program("bin/tool");
  program("own/tool");
  setting_.environment = {{"PATH", folder_ / "bin"}};
  process_.environment = {{"PATH", folder_ / "own"}};
  EXPECT_EQ(resolve("tool"), (folder_ / "own/tool") + "|tool");
}

TEST_F(ResolveCommand, WithoutAPathThereIsADefault) {
  setting_.environment.clear();
  EXPECT_EQ(resolve("true"), "/bin/true|true");
  setting_.environment = {{"PATH", ""}};
  EXPECT_EQ(resolve("true"), "/bin/true|true") << "an empty one is none";
  process_.environment = {{"PATH", ""}};
  EXPECT_EQ(resolve("true"), "NO_FILE: can't find command 'true'") << "unless the program has it";
}

TEST_F(ResolveCommand, PathEntriesAreJoinedAsPythonDoes) {
  program("tool", 0644);
  setting_.environment = {{"PATH", folder_.path() + "/"}};
  EXPECT_EQ(resolve("tool"), "NOT_EXECUTABLE: command at '" + (folder_ / "tool") + "' is not executable");

  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  setting_.environment = {{"PATH", "/does/not/exist::/bin"}};
  EXPECT_EQ(resolve("tool"), "NOT_EXECUTABLE: command at 'tool' is not executable") << "empty: where the daemon is";
  std::filesystem::current_path(before);
}

TEST_F(ResolveCommand, TheFirstEntryWinsEvenIfItCannotRun) {
  program("a/tool", 0644);
  program("b/tool");
  std::filesystem::create_directories(folder_ / "c/tool");
  setting_.environment = {{"PATH", (folder_ / "a") + ":" + (folder_ / "b")}};
  EXPECT_EQ(resolve("tool"), "NOT_EXECUTABLE: command at '" + (folder_ / "a/tool") + "' is not executable");
  setting_.environment = {{"PATH", (folder_ / "c") + ":" + (folder_ / "b")}};
  EXPECT_EQ(resolve("tool"), "NOT_EXECUTABLE: command at '" + (folder_ / "c/tool") + "' is a directory");
}

// --- the plan

config::Process sample() {
  config::Process process;
  process.name = "cat_1";
  process.group = "pets";
  return process;
}

TEST(MakeSpawnPlan, MergesTheEnvironment) {
  config::Process process = sample();
  process.server_url = "unix:///run/s.sock";
  process.environment = {{"BOTH", "program"}, {"OWN", "1"}};
  const SpawnSetting setting{{{"BOTH", "daemon"}, {"HOME", "/root"}, {"SUPERVISOR_ENABLED", "0"}}, {}};
  EXPECT_THAT(make_spawn_plan(process, {"/bin/cat", {"cat"}}, setting).environment.views(),
              ElementsAre("BOTH=program", "HOME=/root", "OWN=1", "SUPERVISOR_ENABLED=1", "SUPERVISOR_GROUP_NAME=pets",
                          "SUPERVISOR_PROCESS_NAME=cat_1", "SUPERVISOR_SERVER_URL=unix:///run/s.sock"));
}

TEST(MakeSpawnPlan, TheConfigurationMayOverrideEvenOurVariables) {
  config::Process process = sample();
  process.environment = {{"SUPERVISOR_PROCESS_NAME", "alias"}};
  EXPECT_THAT(make_spawn_plan(process, {"/bin/cat", {"cat"}}, {}).environment.views(),
              ElementsAre("SUPERVISOR_ENABLED=1", "SUPERVISOR_GROUP_NAME=pets", "SUPERVISOR_PROCESS_NAME=alias"))
      << "and without a server there is no SUPERVISOR_SERVER_URL";
}

TEST(MakeSpawnPlan, CarriesEverythingElse) {
  config::Process process = sample();
  process.directory = "/srv";
  process.umask = 027;
  process.identity = config::Identity{"web", 1000, 100, {100, 27}};
  const SpawnSetting setting{{}, {{7, 1024, 4096}}};
  const wire::SpawnPlan plan = make_spawn_plan(process, {"/bin/cat", {"cat", "-n"}}, setting);
  EXPECT_EQ(plan.file, "/bin/cat");
  EXPECT_THAT(plan.argv.views(), ElementsAre("cat", "-n"));
  EXPECT_EQ(plan.directory, "/srv");
  EXPECT_EQ(plan.umask, 027u);
  ASSERT_TRUE(plan.ids);
  EXPECT_EQ(plan.ids->uid, 1000u);
  EXPECT_EQ(plan.ids->gid, 100u);
  EXPECT_THAT(plan.ids->groups, ElementsAre(100u, 27u));
  ASSERT_EQ(plan.limits.size(), 1u);
  EXPECT_EQ(plan.limits[0].soft, 1024u);
  EXPECT_EQ(plan.group, wire::ProcessGroup::Own);
  for (const wire::StdioSource source : plan.stdio) EXPECT_EQ(source, wire::StdioSource::Pipe);
}

TEST(MakeSpawnPlan, RedirectedStderrIsStdout) {
  config::Process process = sample();
  process.redirect_stderr = true;
  const auto plan = make_spawn_plan(process, {"/bin/cat", {"cat"}}, {});
  EXPECT_EQ(plan.stdio[1], wire::StdioSource::Pipe);
  EXPECT_EQ(plan.stdio[2], wire::StdioSource::Out);
}

TEST(LastWill, IsWhatAStopWouldDo) {
  core::Policy policy;
  policy.stop_signal = 2;
  policy.stop_as_group = true;
  policy.stop_wait = 1500ms;
  policy.kill_as_group = true;
  const wire::LastWill will = last_will(policy);
  EXPECT_EQ(will.signal, 2);
  EXPECT_TRUE(will.to_group);
  EXPECT_EQ(will.grace_ms, 1500u);
  EXPECT_TRUE(will.kill_group);
}

TEST(LastWill, WaitsForeverForWhoMayTakeForever) {
  core::Policy policy;
  policy.stop_wait = std::chrono::hours{24 * 365};
  EXPECT_GE(last_will(policy).grace_ms, 0xffff'0000u) << "and does not start over at zero";
}

}  // namespace
}  // namespace upkeep::engine
