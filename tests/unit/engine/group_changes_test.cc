#include "engine/group_changes.h"

#include "fakes/fake_control.h"
#include "fakes/fake_world.h"
#include "os/socket.h"
#include "unit/engine/daemon_fixture.h"

namespace upkeep::engine {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A daemon whose configuration is /etc/a.conf in a world in memory.
class GroupChangesTest : public DaemonTest {
 protected:
  GroupChangesTest() {
    make_auto_log_ = [this](const config::Process& process, Stdio) { return folder_ / process.name; };
  }
  void write(const std::string& programs) { world_.files["/etc/a.conf"] = "[supervisord]\n" + programs; }
  void start_with(const std::string& programs) {
    write(programs);
    loads_.emplace(std::move(Loads::begin(std::get<Configuration>(read()), deposits_).value()));
    supervisor_ = std::make_unique<Supervisor>(surroundings());
    for (const LoadedGroup& group : loads_->active()) supervisor_->add(group);
    group_changes_ =
        std::make_unique<GroupChanges>(*loads_, *supervisor_, setting_, deposits_, log_, [this] { return read(); });
    verbs_ = std::make_unique<Verbs>(*supervisor_, *this);
    keeper_.attach(*supervisor_);
    supervisor_->make_auto_logs();
    supervisor_->autostart();
    deliver();
    pass(2s);
    (void)log();
  }
  ConfigurationOrError read() {
    return reload_configuration({"/usr/bin/supervisord", "-c", "/etc/a.conf"}, "/etc/a.conf", world_);
  }
  static std::string program(const std::string& name, const std::string& more = "") {
    return "[program:" + name + "]\ncommand=/bin/cat\n" + more;
  }
  std::string reload() {  // "+added ~changed -removed", or the refusal
    const auto changes = verbs_->reload();
    if (!changes) return changes.error().text();
    std::string text;
    const auto tell = [&](char sign, const std::vector<std::string>& names) {
      for (const std::string& name : names) (text += text.empty() ? "" : " ") += sign + name;
    };
    tell('+', changes->added);
    tell('~', changes->changed);
    tell('-', changes->removed);
    return text;
  }
  static std::string refusal(const Answer& answer) {
    const auto* refused = std::get_if<Refused>(&answer);
    return refused ? refused->text() : "";
  }
  void stop(const std::string& group) {
    verbs_->stop_group(group, false, [](const Answer&) {});
    for (const auto& process : supervisor_->find_group(group)->processes)
      if (keeper_.is_alive(process->slot())) keeper_.exit(process->slot(), 0);
    deliver();
  }
  std::vector<std::string> groups() {
    std::vector<std::string> names;
    for (const SupervisedGroup& group : supervisor_->groups()) names.push_back(group.config->name);
    return names;
  }

  FakeWorld world_;
  std::optional<Loads> loads_;
};

TEST_F(GroupChangesTest, ARereadTellsDifferencesAndChangesNothing) {
  start_with(program("a") + program("b") + program("c"));
  write(program("b", "startsecs=7\n") + program("c") + program("d"));
  EXPECT_EQ(reload(), "+d ~b -a");
  EXPECT_EQ(reload(), "+d ~b -a") << "as long as nobody acts on it";
  EXPECT_THAT(groups(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(process("b:b").config().policy.start_time, 1s);
  EXPECT_EQ(keeper_.starts.size(), 3u);
}

TEST_F(GroupChangesTest, ABadFileChangesNothingAndIsBlamed) {
  start_with(program("a"));
  write(program("a") + "[program:bad]\n");
  EXPECT_EQ(reload(),
            "CANT_REREAD: program section program:bad does not specify a command in section 'program:bad' (file: "
            "'/etc/a.conf')");
  EXPECT_THAT(log(), ElementsAre(testing::AllOf(testing::StartsWith("WARN "), HasSubstr("/etc/a.conf:4"))));
  EXPECT_EQ(refusal(verbs_->add_group("bad")), "BAD_NAME: bad");
  EXPECT_EQ(loads_->newest()->number, 1u);
}

TEST_F(GroupChangesTest, AnAddedGroupStartsAtOnceAndLast) {
  start_with(program("b"));
  write(program("b") + program("a") + program("idle", "autostart=false\n") + program("first", "priority=1\n"));
  EXPECT_EQ(reload(), "+first +a +idle");
  for (const char* name : {"a", "idle", "first"}) EXPECT_EQ(refusal(verbs_->add_group(name)), "");
  deliver();
  EXPECT_EQ(state("a:a"), "STARTING");
  EXPECT_EQ(state("idle:idle"), "STOPPED");
  EXPECT_FALSE(keeper_.note("idle:idle").empty()) << "a recovering engine must not start it";
  EXPECT_THAT(groups(), ElementsAre("b", "a", "idle", "first"));
  std::vector<std::string> order;
  for (const SupervisedGroup* group : supervisor_->groups_in_start_order()) order.push_back(group->config->name);
  EXPECT_THAT(order, ElementsAre("first", "b", "a", "idle")) << "by priority, then as they came";
  EXPECT_EQ(refusal(verbs_->add_group("a")), "ALREADY_ADDED: a");
  EXPECT_EQ(refusal(verbs_->add_group("nope")), "BAD_NAME: nope");
}

TEST_F(GroupChangesTest, OnlyAStoppedGroupCanBeRemoved) {
  start_with(program("a") + program("b"));
  EXPECT_EQ(refusal(verbs_->remove_group("nope")), "BAD_NAME: nope");
  EXPECT_EQ(refusal(verbs_->remove_group("a")), "STILL_RUNNING: a");
  stop("a");
  EXPECT_EQ(refusal(verbs_->remove_group("a")), "");
  EXPECT_THAT(groups(), ElementsAre("b"));
  EXPECT_FALSE(keeper_.table.slots().contains("a:a")) << "no slot is left behind";
  EXPECT_EQ(refusal(verbs_->remove_group("a")), "BAD_NAME: a");
  pass(10s);
  EXPECT_EQ(refusal(verbs_->add_group("a")), "") << "it is still configured";
  deliver();
  EXPECT_EQ(state("a:a"), "STARTING");
}

TEST_F(GroupChangesTest, AGroupInBackoffIsNotStopped) {
  keeper_.spawns_fail = {wire::SpawnStage::Fork, EAGAIN};
  start_with(program("a", "startretries=1000\n"));
  EXPECT_EQ(state("a:a"), "BACKOFF");
  EXPECT_EQ(refusal(verbs_->remove_group("a")), "STILL_RUNNING: a");
}

TEST_F(GroupChangesTest, AProcessOutOfReachKeepsItsGroup) {
  start_with(program("a"));
  keeper_.signals_fail = EPERM;
  verbs_->stop_group("a", false, [](const Answer&) {});
  deliver();
  EXPECT_EQ(state("a:a"), "UNKNOWN");
  EXPECT_EQ(refusal(verbs_->remove_group("a")), "STILL_RUNNING: a") << "it may still be there";
  keeper_.exit("a:a", 0);
  deliver();
  EXPECT_EQ(refusal(verbs_->remove_group("a")), "");
}

// Whoever waits for a process may remove its group in the same breath.
TEST_F(GroupChangesTest, AGroupCanBeRemovedByWhoWaitedForIt) {
  start_with(program("a"));
  Answer removed;
  verbs_->stop("a", true, [&](const Answer&) { removed = verbs_->remove_group("a"); });
  keeper_.exit("a:a", 0);
  deliver();
  EXPECT_EQ(refusal(removed), "");
  EXPECT_THAT(groups(), IsEmpty());
  pass(10s);
}

TEST_F(GroupChangesTest, ARemovedGroupComesBackWithItsNewConfiguration) {
  start_with(program("a"));
  write(program("a", "startsecs=7\n"));
  EXPECT_EQ(reload(), "~a");
  stop("a");
  verbs_->remove_group("a");
  verbs_->add_group("a");
  EXPECT_EQ(process("a:a").config().policy.start_time, 7s);
  EXPECT_EQ(reload(), "");
}

TEST_F(GroupChangesTest, AutomaticLogsAreComparedAsTheFilesTheyBecame) {
  start_with(program("a") + program("b", "stdout_logfile=/tmp/b.log\n"));
  write(program("a", "stdout_logfile=NONE\n") + program("b"));
  EXPECT_EQ(reload(), "~a") << "from AUTO is a change, to AUTO is none";
}

TEST_F(GroupChangesTest, SomeSettingsOfTheDaemonChangeWithAReread) {
  start_with("");
  write("strip_ansi=true\nidentifier=second\nlogfile=/tmp/elsewhere\n");
  EXPECT_EQ(reload(), "");
  EXPECT_TRUE(setting_.strip_ansi);
  EXPECT_EQ(loads_->newest()->config.daemon.identifier, "second");
  EXPECT_NE(loads_->own().config.daemon.logfile, "/tmp/elsewhere") << "not before a restart";
}

// --- getAllConfigInfo

TEST_F(GroupChangesTest, ConfigurationsAreThoseLastReadByProcessName) {
  start_with(program("b") + "[group:z]\nprograms=a\npriority=5\n" + program("a", "stdout_logfile=NONE\n"));
  const auto names = [&] {
    std::vector<std::string> all;
    for (const ConfigInfo& info : verbs_->configurations())
      all.push_back(info.group + ":" + info.process->name + (info.in_use ? " in use" : " avail"));
    return all;
  };
  EXPECT_THAT(names(), ElementsAre("z:a in use", "b:b in use"));
  write(program("b") + program("c"));
  (void)reload();
  EXPECT_THAT(names(), ElementsAre("b:b in use", "c:c avail"));
}

TEST_F(GroupChangesTest, AnAutomaticLogHasANameOnceItsGroupCameFromThatReading) {
  start_with(program("a", "redirect_stderr=true\n"));
  EXPECT_EQ(verbs_->configurations()[0].stdout_logfile, folder_ / "a");
  EXPECT_EQ(verbs_->configurations()[0].stderr_logfile, "none");
  (void)reload();
  EXPECT_EQ(verbs_->configurations()[0].stdout_logfile, "auto");
  stop("a");
  verbs_->remove_group("a");
  EXPECT_EQ(verbs_->configurations()[0].stdout_logfile, "auto");
  verbs_->add_group("a");
  EXPECT_EQ(verbs_->configurations()[0].stdout_logfile, folder_ / "a");
}

// --- pools and sockets

TEST_F(GroupChangesTest, ListenersLearnOfGroups) {
  start_with("[eventlistener:e]\ncommand=/bin/cat\nevents=PROCESS_GROUP\n");
  EXPECT_EQ(state("e:e"), "RUNNING");
  EXPECT_TRUE(events_.wants(core::EventType::ProcessGroupAdded));
  EXPECT_FALSE(events_.wants(core::EventType::Tick5));
  write("[eventlistener:e]\ncommand=/bin/cat\nevents=TICK_5\n");
  EXPECT_EQ(reload(), "~e");
  stop("e");
  EXPECT_EQ(refusal(verbs_->remove_group("e")), "");
  EXPECT_FALSE(events_.wants(core::EventType::ProcessGroupAdded));
  EXPECT_EQ(refusal(verbs_->add_group("e")), "");
  EXPECT_TRUE(events_.wants(core::EventType::Tick5));
}

TEST_F(GroupChangesTest, FastCgiProcessesShareASocket) {
  const std::string path = folder_ / "app.sock";
  start_with("[fcgi-program:app]\ncommand=/bin/cat\nnumprocs=2\nprocess_name=%(process_num)d\nsocket=unix://" + path +
             "\n");
  EXPECT_EQ(state("app:0"), "RUNNING");
  EXPECT_TRUE(os::connect_unix(path));
  keeper_.exit("app:0", 0);
  deliver();
  EXPECT_TRUE(os::connect_unix(path));
  stop("app");
  EXPECT_FALSE(os::connect_unix(path)) << "nobody is there to accept";
  EXPECT_EQ(refusal(verbs_->send_stdin("app:0", "x")), "NOT_RUNNING: app:0");
}

TEST_F(GroupChangesTest, AFastCgiSocketThatCannotBeHadIsASpawnError) {
  start_with("[fcgi-program:app]\ncommand=/bin/cat\nstartretries=0\nsocket=unix://" + (folder_ / "no/app.sock") + "\n");
  EXPECT_EQ(state("app:app"), "FATAL");
  EXPECT_EQ(spawn_error("app:app"), "Could not create FastCGI socket unix://" + (folder_ / "no/app.sock") +
                                        ": [Errno 2] No such file or directory");
}

}  // namespace
}  // namespace upkeep::engine
