// Real children: fork, the walk of the plan, exec or the reason why not.
#include "keeper/child.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <sstream>

#include "base/exit_status.h"
#include "base/fd.h"
#include "fakes/temporary_folder.h"
#include "keeper/inherited.h"

namespace upkeep::keeper {
namespace {

using fakes::TemporaryFolder;

struct Ended {
  pid_t pid = 0;
  ExitStatus status;
  std::string out, err;
  ChildReports::Report report;
};

std::string read_to_end(const Fd& fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t count; (count = ::read(fd.get(), buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(count));
  return text;
}

char state_of(pid_t pid) {  // of /proc/PID/stat
  const std::string text = fakes::content("/proc/" + std::to_string(pid) + "/stat");
  return text.at(text.rfind(')') + 2);
}

class ChildTest : public testing::Test {
 protected:
  static wire::SpawnPlan plan(const std::vector<std::string>& argv) {
    wire::SpawnPlan made;
    made.file = argv.front();
    made.argv = wire::TextBlock{argv};
    made.environment = {"PATH=/bin:/usr/bin"};
    return made;
  }
  static wire::SpawnPlan shell(const std::string& script) { return plan({"/bin/sh", "-c", script}); }

  static Pipe open_gate() {
    Pipe gate = std::move(Pipe::make().value());
    EXPECT_EQ(::write(gate.write.get(), "", 1), 1);
    return gate;
  }
  Ended run(const wire::SpawnPlan& what, const std::string& input = {}, int notification = -1) {
    auto in = Pipe::make(), out = Pipe::make(), err = Pipe::make();
    auto gate = open_gate();
    PreparedChild child{what, {in->read.get(), out->write.get(), err->write.get()}, notification, gate};
    Ended ended;
    ended.pid = ::fork();
    if (ended.pid == 0) child.run(reports_, oom_score_);
    in->read.reset();
    out->write.reset();
    err->write.reset();
    EXPECT_EQ(::write(in->write.get(), input.data(), input.size()), static_cast<ssize_t>(input.size()));
    in->write.reset();
    ended.out = read_to_end(out->read);
    ended.err = read_to_end(err->read);
    int status = 0;
    EXPECT_EQ(::waitpid(ended.pid, &status, 0), ended.pid);
    ended.status = ExitStatus::from_wait(status);
    ended.report = reports_.take(ended.pid);
    return ended;
  }
  void expect_not_spawned(const Ended& ended, wire::SpawnStage stage, int error, const std::string& line) {
    EXPECT_EQ(ended.status, (ExitStatus{ExitStatus::Kind::Exited, 127, false}));
    EXPECT_EQ(ended.err, line + "supervisor: child process was not spawned\n");
    EXPECT_EQ(ended.report.stage, stage);
    EXPECT_EQ(ended.report.error, error);
  }

  ChildReports reports_;
  OomScore oom_score_{"/nowhere"};
};

TEST_F(ChildTest, RunsItsProgramOnTheThreePipes) {
  const Ended ended = run(shell("cat; echo err >&2; exit 5"), "input");
  EXPECT_EQ(ended.status, (ExitStatus{ExitStatus::Kind::Exited, 5, false}));
  EXPECT_EQ(ended.out, "input");
  EXPECT_EQ(ended.err, "err\n");
  EXPECT_EQ(ended.report.stage, wire::SpawnStage::None);
}

TEST_F(ChildTest, SeesExactlyItsEnvironmentAndArguments) {
  wire::SpawnPlan what = plan({"/usr/bin/env"});
  what.environment = {"A=1", "B=two words"};
  EXPECT_EQ(run(what).out, "A=1\nB=two words\n");
  wire::SpawnPlan named = plan({"/bin/sh", "-c", "echo \"$0|$1\"", "zero", "o n e"});
  EXPECT_EQ(run(named).out, "zero|o n e\n");
}

TEST_F(ChildTest, InheritsNothingBesideItsStdio) {
  tame_inherited();                 // what the test itself was started with
  const auto stray = Pipe::make();  // close-on-exec, like every descriptor of the keeper
  EXPECT_EQ(run(plan({"/bin/ls", "/proc/self/fd"})).out, "0\n1\n2\n3\n") << "3 is the directory that ls reads";
}

TEST_F(ChildTest, LeadsAGroupOfItsOwnUnlessTold) {
  const std::string script = "read pid comm state ppid pgrp rest </proc/self/stat; echo $pgrp";
  Ended ended = run(shell(script));
  EXPECT_EQ(ended.out, std::to_string(ended.pid) + "\n");
  wire::SpawnPlan ours = shell(script);
  ours.group = wire::ProcessGroup::Shared;
  EXPECT_EQ(run(ours).out, std::to_string(::getpgrp()) + "\n");
}

TEST_F(ChildTest, LeadsASessionOfItsOwnWhenTold) {
  wire::SpawnPlan what = shell("read pid comm state ppid pgrp session rest </proc/self/stat; echo $pgrp $session");
  what.group = wire::ProcessGroup::Session;
  const Ended ended = run(what);
  EXPECT_EQ(ended.out, fmt::format("{0} {0}\n", ended.pid));
}

TEST_F(ChildTest, FindsTheNotificationUnderItsNumber) {
  tame_inherited();  // what the test itself was started with
  const auto ready = Pipe::make();
  for (const int number : {3, 7, ready->write.get()}) {
    wire::SpawnPlan what = shell(fmt::format("echo up >&{}; ls /proc/self/fd | wc -l", number));
    what.notification_fd = number;
    EXPECT_EQ(run(what, {}, ready->write.get()).out, "5\n") << "stdio, the notification, and what ls reads";
    char said[3];
    ASSERT_EQ(::read(ready->read.get(), said, sizeof said), 3) << number;
  }
}

TEST_F(ChildTest, ComplainsInThePlansWords) {
  wire::SpawnPlan what = plan({"./run"});
  what.complaint = wire::Complaint{"supervise: fatal: unable to start web/run", 111};
  const Ended ended = run(what);
  EXPECT_EQ(ended.err, "supervise: fatal: unable to start web/run: file does not exist\n");
  EXPECT_EQ(ended.status, (ExitStatus{ExitStatus::Kind::Exited, 111, false}));
  EXPECT_EQ(ended.report.stage, wire::SpawnStage::Exec);
}

TEST_F(ChildTest, StartsWithDefaultSignalsAndAnEmptyMask) {
  struct sigaction before[2];
  ::sigaction(SIGPIPE, nullptr, &before[0]);
  ::sigaction(SIGHUP, nullptr, &before[1]);
  (void)::signal(SIGPIPE, SIG_IGN);
  (void)::signal(SIGHUP, SIG_IGN);
  const std::array<unsigned long, 4> ignore{1}, dflt{};  // the kernel's struct: SIG_IGN is 1
  for (const int number : {32, 33})                      // the C library refuses these; parents leave them ignored
    ASSERT_EQ(::syscall(SYS_rt_sigaction, number, ignore.data(), nullptr, 8), 0);
  sigset_t blocked, old;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::sigaddset(&blocked, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &blocked, &old);
  const Ended ended = run(plan({"/bin/grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}));
  ::sigprocmask(SIG_SETMASK, &old, nullptr);
  for (const int number : {32, 33}) ::syscall(SYS_rt_sigaction, number, dflt.data(), nullptr, 8);
  ::sigaction(SIGPIPE, &before[0], nullptr);
  ::sigaction(SIGHUP, &before[1], nullptr);
  EXPECT_EQ(ended.out, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(ChildTest, AppliesDirectoryUmaskAndLimits) {
  const TemporaryFolder folder;
  wire::SpawnPlan what = shell("pwd; umask; ulimit -Sn; ulimit -Hn");
  what.directory = folder.path();
  what.umask = 027;
  what.limits = {{RLIMIT_NOFILE, 123, 456}};
  EXPECT_EQ(run(what).out, folder.path() + "\n0027\n123\n456\n");
}

TEST_F(ChildTest, BecomesAnotherUserWithItsGroups) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can";
  wire::SpawnPlan what = shell("id -u; id -g; id -G");
  what.ids = wire::Ids{65534, 65533, {65533, 65531}};
  EXPECT_EQ(run(what).out, "65534\n65533\n65533 65531\n");
}

TEST_F(ChildTest, StaysTheUserItIs) {
  wire::SpawnPlan what = shell("id -u");
  what.ids = wire::Ids{::geteuid(), 1, {1}};  // as Supervisor: nothing is done, not even for the groups
  EXPECT_EQ(run(what).out, std::to_string(::geteuid()) + "\n");
}

TEST_F(ChildTest, OnlyRootSwitchesUsers) {
  wire::SpawnPlan what = plan({"/bin/true"});
  what.ids = wire::Ids{12345, 12345, {}};
  if (::geteuid() == 0) {  // in a child that is not root any more
    int status = 0;
    const auto err = Pipe::make();
    const Pipe gate = open_gate();
    PreparedChild child{what, {err->read.get(), err->write.get(), err->write.get()}, -1, gate};
    const pid_t outer = ::fork();
    if (outer == 0) {
      if (::setuid(65534) != 0) ::_exit(1);
      child.run(reports_, oom_score_);
    }
    ASSERT_EQ(::waitpid(outer, &status, 0), outer);
    EXPECT_EQ(WEXITSTATUS(status), 127);
    std::string text(200, '\0');
    text.resize(static_cast<std::size_t>(::read(err->read.get(), text.data(), text.size())));
    EXPECT_EQ(text,
              "supervisor: couldn't setuid to 12345: Can't drop privilege as nonroot user\n"
              "supervisor: child process was not spawned\n");
    EXPECT_EQ(reports_.take(outer).stage, wire::SpawnStage::Ids);
    return;
  }
  expect_not_spawned(run(what), wire::SpawnStage::Ids, EPERM,
                     "supervisor: couldn't setuid to 12345: Can't drop privilege as nonroot user\n");
}

TEST_F(ChildTest, SaysWhenTheDirectoryIsMissing) {
  wire::SpawnPlan what = plan({"/bin/true"});
  what.directory = "/does/not/exist";
  expect_not_spawned(run(what), wire::SpawnStage::Directory, ENOENT,
                     "supervisor: couldn't chdir to /does/not/exist: ENOENT\n");
}

TEST_F(ChildTest, SaysWhenTheProgramCannotBeExecuted) {
  expect_not_spawned(run(plan({"/does/not/exist", "argument"})), wire::SpawnStage::Exec, ENOENT,
                     "supervisor: couldn't exec /does/not/exist: ENOENT\n");
  const TemporaryFolder folder;
  fakes::put(folder / "garbage", "no program");
  std::filesystem::permissions(folder / "garbage", std::filesystem::perms::owner_all);
  wire::SpawnPlan what = plan({"garbage", "argument"});  // shown as written, not where it was found
  what.file = folder / "garbage";
  expect_not_spawned(run(what), wire::SpawnStage::Exec, ENOEXEC, "supervisor: couldn't exec garbage: ENOEXEC\n");
}

TEST_F(ChildTest, SaysWhenALimitIsRefused) {
  wire::SpawnPlan what = plan({"/bin/true"});
  what.limits = {{RLIMIT_NOFILE, 10, 5}};  // soft above hard
  expect_not_spawned(run(what), wire::SpawnStage::Limits, EINVAL, "");
}

TEST_F(ChildTest, WaitsBeforeItsProgramUntilTheGateOpens) {
  const TemporaryFolder folder;
  const auto done = Pipe::make();
  auto gate = Pipe::make();
  PreparedChild child{shell("echo started >" + (folder / "marker")),
                      {done->read.get(), done->write.get(), done->write.get()},
                      -1,
                      *gate};
  const pid_t waiting = ::fork();
  if (waiting == 0) child.run(reports_, oom_score_);
  // It has prepared everything: that it sleeps in a read of the gate shows in /proc.
  while (state_of(waiting) != 'S') ::sched_yield();
  EXPECT_TRUE(folder.names().empty());
  ASSERT_EQ(::write(gate->write.get(), "", 1), 1);
  int status = 0;
  ASSERT_EQ(::waitpid(waiting, &status, 0), waiting);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"marker"});
}

TEST_F(ChildTest, AKeeperThatIsGoneStartsNothing) {
  const TemporaryFolder folder;
  const auto done = Pipe::make();
  auto gate = Pipe::make();
  PreparedChild child{shell("echo started >" + (folder / "marker")),
                      {done->read.get(), done->write.get(), done->write.get()},
                      -1,
                      *gate};
  const pid_t waiting = ::fork();
  if (waiting == 0) child.run(reports_, oom_score_);
  gate->write.reset();  // as the kernel does for a keeper that was killed
  int status = 0;
  ASSERT_EQ(::waitpid(waiting, &status, 0), waiting);
  EXPECT_EQ(WEXITSTATUS(status), 127);
  EXPECT_TRUE(folder.names().empty());
}

TEST(ChildReports, AreTakenOnceAndOnlyForTheirPid) {
  ChildReports reports;
  reports.put(1000, wire::SpawnStage::Exec, ENOENT);
  EXPECT_EQ(reports.take(1000 + 1024).stage, wire::SpawnStage::None) << "shares the cell";
  EXPECT_EQ(reports.take(1000).error, ENOENT);
  EXPECT_EQ(reports.take(1000).stage, wire::SpawnStage::None);
}

}  // namespace
}  // namespace upkeep::keeper
