// Commands and exit statuses, on a server made of prepared answers.
#include "ctl/session.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"

namespace upkeep::ctl {
namespace {

using wire::XmlRpcArray;
using wire::XmlRpcStruct;
using wire::XmlRpcValue;

class ScriptedRemote : public Remote {
 public:
  Attempt<XmlRpcValue> call(const Target&, const std::string& method, XmlRpcArray params) override {
    std::string text = method;
    for (const XmlRpcValue& param : params)
      if (const auto* word = std::get_if<std::string>(&param.is)) text += " " + *word;
    calls.push_back(text);
    if (const auto found = answers.find(text); found != answers.end()) return found->second;
    return Failure::fault(fault::kBadName, "BAD_NAME");
  }
  void follow(const Target&, const LogName& log, Terminal&) override { followed = log; }
  Attempt<> foreground(const Target&, const std::string&, Terminal&) override { return {}; }

  std::map<std::string, Attempt<XmlRpcValue>> answers{{"supervisor.getVersion", XmlRpcValue{"3.0"}}};
  std::vector<std::string> calls;
  LogName followed;
};

XmlRpcValue info(const char* group, const char* name, int state, const char* state_name, int pid) {
  return XmlRpcStruct{{"group", group},          {"name", name},       {"state", state},
                      {"statename", state_name}, {"description", "d"}, {"pid", pid}};
}

XmlRpcValue result(const char* name, int status) {
  return XmlRpcStruct{{"group", name}, {"name", name}, {"status", status}, {"description", ""}};
}

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    remote.answers.insert_or_assign(
        "supervisor.getAllProcessInfo",
        XmlRpcValue{XmlRpcArray{info("idle", "idle", 0, "STOPPED", 0), info("web", "web", 20, "RUNNING", 7)}});
    remote.answers.insert_or_assign("supervisor.getProcessInfo idle", info("idle", "idle", 0, "STOPPED", 0));
    remote.answers.insert_or_assign("supervisor.getProcessInfo web", info("web", "web", 20, "RUNNING", 7));
  }

  // What the line printed.
  std::string run(const std::string& line) {
    (void)::ftruncate(out.get(), 0);
    (void)::lseek(out.get(), 0, SEEK_SET);
    session.run_line(line);
    std::string text(static_cast<std::size_t>(::lseek(out.get(), 0, SEEK_CUR)), '\0');
    (void)::pread(out.get(), text.data(), text.size(), 0);
    return text;
  }
  void type(std::string_view keys) {
    ASSERT_EQ(::write(keyboard.write.get(), keys.data(), keys.size()), ssize_t(keys.size()));
  }
  void fault(const std::string& call, int code, const char* text) {
    remote.answers.insert_or_assign(call, Failure::fault(code, text));
  }

  ScriptedRemote remote;
  Pipe keyboard = Pipe::make().value();
  Fd out{::memfd_create("out", MFD_CLOEXEC)};
  Terminal terminal{keyboard.read.get(), out.get(), out.get()};
  Session session{remote, terminal, {"unix:///x", std::nullopt, std::nullopt}};
};

TEST_F(SessionTest, UnknownSyntaxIsAFailure) {
  EXPECT_EQ(run("  !ls x "), "*** Unknown syntax: !ls x\n");
  EXPECT_EQ(session.exit_status, kGenericFailure);
}

TEST_F(SessionTest, BlankLinesDoNothing) {
  EXPECT_EQ(run("   "), "");
  EXPECT_EQ(session.exit_status, kSuccess);
}

TEST_F(SessionTest, StatusTellsOfStoppedProcesses) {
  run("status");
  EXPECT_EQ(session.exit_status, kStatusStopped);
}

TEST_F(SessionTest, StatusTakesTheTableOfADaemonThatHasOne) {
  remote.answers.insert_or_assign("upkeep.getProcessTable",
                                  XmlRpcValue{"a\ta\t20\tRUNNING\tpid 7\na\tb\\n\t200\tFATAL\twhy\n"});
  EXPECT_EQ(run("status"),
            "a                                RUNNING   pid 7\na:b\n                             FATAL     why\n");
  EXPECT_EQ(session.exit_status, kStatusStopped);
  EXPECT_EQ(remote.calls, (std::vector<std::string>{"supervisor.getVersion", "upkeep.getProcessTable"}));
}

TEST_F(SessionTest, ATableThatIsNoneIsAFailure) {
  remote.answers.insert_or_assign("upkeep.getProcessTable", XmlRpcValue{"a\n"});
  run("status");
  EXPECT_EQ(session.exit_status, kGenericFailure);
}

TEST_F(SessionTest, TheLastFailureWins) {
  run("status nope idle");
  EXPECT_EQ(session.exit_status, kStatusStopped);
}

TEST_F(SessionTest, AnUnknownNameIsStatusFour) {
  EXPECT_EQ(run("status g:* nope"), "g: ERROR (no such group)\nnope: ERROR (no such process)\n");
  EXPECT_EQ(session.exit_status, kStatusUnknown);
}

TEST_F(SessionTest, PidOfAStoppedProcessFails) {
  EXPECT_EQ(run("pid idle nope"), "0\nNo such process nope\n");
  EXPECT_EQ(session.exit_status, kGenericFailure);
  EXPECT_EQ(run("pid nope idle"), "No such process nope\n0\n");
  EXPECT_EQ(session.exit_status, kNotRunning);
}

TEST_F(SessionTest, AlreadyStartedIsNoFailure) {
  fault("supervisor.startProcess web", fault::kAlreadyStarted, "ALREADY_STARTED: web");
  EXPECT_EQ(run("start web"), "web: ERROR (already started)\n");
  EXPECT_EQ(session.exit_status, kSuccess);
}

TEST_F(SessionTest, SpawnErrorsAreSeven) {
  remote.answers.insert_or_assign(
      "supervisor.startAllProcesses",
      XmlRpcValue{XmlRpcArray{result("a", fault::kSuccess), result("b", fault::kSpawnError)}});
  EXPECT_EQ(run("start web all"), "a: started\nb: ERROR (spawn error)\n");
  EXPECT_EQ(session.exit_status, kNotRunning);
}

TEST_F(SessionTest, UnknownGroupsDifferByVerb) {
  EXPECT_EQ(run("start g:*"), "g: ERROR (no such group)\n");
  EXPECT_EQ(session.exit_status, kInvalidArguments);
  run("stop g:");
  EXPECT_EQ(session.exit_status, kGenericFailure);
}

TEST_F(SessionTest, NotRunningIsAFailureOfSignalOnly) {
  fault("supervisor.stopProcess idle", fault::kNotRunning, "NOT_RUNNING");
  fault("supervisor.signalProcess idle HUP", fault::kNotRunning, "NOT_RUNNING");
  EXPECT_EQ(run("stop idle"), "idle: ERROR (not running)\n");
  EXPECT_EQ(session.exit_status, kSuccess);
  EXPECT_EQ(run("signal HUP idle"), "idle: ERROR (not running)\n");
  EXPECT_EQ(session.exit_status, kNotRunning);
}

TEST_F(SessionTest, AnUnreachableServerIsTold) {
  int told = 0;
  session.on_unreachable = [&](const Failure&) { ++told; };
  remote.answers.insert_or_assign("supervisor.getVersion", Failure::socket(ECONNREFUSED));
  EXPECT_EQ(run("pid"), "unix:///x refused connection\n");
  EXPECT_EQ(session.exit_status, kNoPrivileges);
  remote.answers.insert_or_assign("supervisor.getVersion", Failure::socket(ENOENT));
  EXPECT_EQ(run("pid"), "unix:///x no such file\n");
  EXPECT_EQ(session.exit_status, kNotRunning);
  run("status");
  EXPECT_EQ(session.exit_status, kStatusUnknown);
  EXPECT_EQ(told, 3);
}

TEST_F(SessionTest, AnotherApiVersionIsFive) {
  remote.answers.insert_or_assign("supervisor.getVersion", XmlRpcValue{"4.0"});
  EXPECT_EQ(run("pid"),
            "Sorry, this version of supervisorctl expects to talk to a server with API version 3.0, but the remote "
            "version is 4.0.\n");
  EXPECT_EQ(session.exit_status, kNotInstalled);
}

TEST_F(SessionTest, ShutdownWhileShuttingDownSucceeds) {
  fault("supervisor.shutdown", fault::kShutdownState, "SHUTDOWN_STATE");
  EXPECT_EQ(run("shutdown"), "ERROR: already shutting down\n");
  EXPECT_EQ(session.exit_status, kSuccess);
}

TEST_F(SessionTest, QuestionsAreAskedInteractivelyOnly) {
  remote.answers.insert_or_assign("supervisor.restart", XmlRpcValue{true});
  EXPECT_EQ(run("reload"), "Restarted supervisord\n");
  session.interactive = true;
  type("n\nYes\n");
  EXPECT_EQ(run("reload"), "Really restart the remote supervisord process y/N? ");
  EXPECT_EQ(run("reload"), "Really restart the remote supervisord process y/N? Restarted supervisord\n");
}

TEST_F(SessionTest, ALoginIsNotAskedForInAScript) {
  remote.answers.insert_or_assign("supervisor.getVersion", Failure::http_status(401, "Unauthorized"));
  EXPECT_TRUE(run("status").starts_with(
      "Server requires authentication\nerror: <class 'xmlrpc.client.ProtocolError'>, <ProtocolError for "));
  EXPECT_EQ(session.exit_status, kGenericFailure);
}

TEST_F(SessionTest, OpenKeepsTheExitStatus) {
  run("open http://other");
  EXPECT_EQ(session.target.url, "http://other");
  EXPECT_EQ(session.exit_status, kSuccess);
  EXPECT_EQ(run("open ftp://other"), "ERROR: url must be http:// or unix://\n");
  EXPECT_EQ(session.target.url, "http://other");
}

TEST_F(SessionTest, UpdateRemovesThenChangesThenAdds) {
  const XmlRpcArray lists{XmlRpcArray{"new"}, XmlRpcArray{"web"}, XmlRpcArray{"old"}};
  remote.answers.insert_or_assign("supervisor.reloadConfig", XmlRpcValue{XmlRpcArray{XmlRpcValue{lists}}});
  for (const char* call : {"stopProcessGroup old", "stopProcessGroup web"})
    remote.answers.insert_or_assign(std::string{"supervisor."} + call, XmlRpcValue{XmlRpcArray{}});
  for (const char* call :
       {"removeProcessGroup old", "removeProcessGroup web", "addProcessGroup web", "addProcessGroup new"})
    remote.answers.insert_or_assign(std::string{"supervisor."} + call, XmlRpcValue{true});
  EXPECT_EQ(
      run("update"),
      "old: stopped\nold: removed process group\nweb: stopped\nweb: updated process group\nnew: added process group\n");
  EXPECT_EQ(run("update new nope"), "ERROR: no such group: nope\nnew: added process group\n");
  EXPECT_EQ(session.exit_status, kGenericFailure);
}

TEST_F(SessionTest, AGroupThatDoesNotStopIsNotRemoved) {
  const XmlRpcArray lists{XmlRpcArray{}, XmlRpcArray{}, XmlRpcArray{"old"}};
  remote.answers.insert_or_assign("supervisor.reloadConfig", XmlRpcValue{XmlRpcArray{XmlRpcValue{lists}}});
  remote.answers.insert_or_assign("supervisor.stopProcessGroup old",
                                  XmlRpcValue{XmlRpcArray{result("old", fault::kFailed)}});
  EXPECT_EQ(run("update"), "old: stopped\nold: has problems; not removing\n");
  EXPECT_EQ(session.exit_status, kGenericFailure);
}

TEST_F(SessionTest, TailChoosesChannelAndBytes) {
  remote.answers.insert_or_assign("supervisor.readProcessStderrLog web", XmlRpcValue{"text\n"});
  EXPECT_EQ(run("tail -10 web STDERR"), "text\n\n");
  EXPECT_EQ(run("tail -f web stderr"), "==> Press Ctrl-C to exit <==\n");
  EXPECT_EQ(remote.followed.process, "web");
  EXPECT_EQ(remote.followed.channel, "stderr");
  EXPECT_EQ(run("tail web bogus"), "Error: bad channel 'bogus'\n");
  EXPECT_EQ(run("tail -x web"), "Error: bad argument -x\n");
}

TEST_F(SessionTest, ExitLeavesTheShell) {
  EXPECT_EQ(session.run_line("exit"), Next::Leave);
  EXPECT_EQ(session.run_line("EOF"), Next::Leave);
  EXPECT_EQ(session.run_line("help"), Next::Stay);
}

TEST_F(SessionTest, StatusAsJsonIsOneDocumentWithTheExitStatusOfStatus) {
  const std::string text = run("status --json web nope");
  EXPECT_TRUE(text.starts_with("{\n  \"version\": 1,\n  \"server\": \"unix:///x\",\n  \"error\": null")) << text;
  EXPECT_NE(text.find("\"name\": \"nope\",\n      \"error\": \"no such process\""), std::string::npos) << text;
  EXPECT_EQ(session.exit_status, kStatusUnknown);
  run("status --json");
  EXPECT_EQ(session.exit_status, kStatusStopped);
}

TEST_F(SessionTest, StatusAsJsonIsADocumentWithoutAServerToo) {
  remote.answers.insert_or_assign("supervisor.getVersion", Failure::socket(ECONNREFUSED));
  int told = 0;
  session.on_unreachable = [&](const Failure&) { ++told; };
  const std::string text = run("status --json");
  EXPECT_NE(text.find("\"error\": \"unix:///x refused connection\",\n  \"processes\": []"), std::string::npos) << text;
  EXPECT_EQ(session.exit_status, kStatusUnknown);
  EXPECT_EQ(told, 1);
  remote.answers.insert_or_assign("supervisor.getVersion", Failure::http_status(401, "Unauthorized"));
  EXPECT_NE(run("status --json").find("\"error\": \"<ProtocolError"), std::string::npos);
  EXPECT_EQ(session.exit_status, kGenericFailure);
}

}  // namespace
}  // namespace upkeep::ctl
