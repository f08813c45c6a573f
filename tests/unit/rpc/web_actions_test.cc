#include "rpc/web_actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "fakes/fake_control.h"

namespace upkeep::rpc {
namespace {

using engine::Refusal;
using engine::Refused;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

constexpr const char* kTime = "[A-Z][a-z]+ [A-Z][a-z]+ [ 0-9][0-9] [0-9]+:[0-9]+:[0-9]+ [0-9]+";

class WebActions : public testing::Test {
 protected:
  WebActions() {
    engine::ProcessInfo web;
    web.name = web.group = "web";
    control_.infos = {web};
  }
  // The message; nullopt: none yet, or no such action.
  std::optional<std::string> message(std::string_view action, const std::string& name = {}) {
    told_.reset();
    known_ = perform(action, name, control_, [this](std::string text) { told_ = std::move(text); });
    return told_;
  }
  std::string refused(std::string_view action, Refusal code, const std::string& detail) {
    control_.answer = Refused{code, detail};
    return message(action, "web").value_or("nothing");
  }

  fakes::FakeControl control_;
  std::optional<std::string> told_;
  bool known_ = false;
};

TEST_F(WebActions, Succeed) {
  EXPECT_EQ(message("start", "web"), "Process web started");
  EXPECT_EQ(message("stop", "web"), "Process web stopped");
  EXPECT_EQ(message("restart", "web"), "Process web restarted");
  EXPECT_EQ(message("clearlog", "web:web"), "Log for web:web cleared");
  EXPECT_THAT(control_.asked,
              ElementsAre("start web wait", "stop web wait", "stop web wait", "start web wait", "clear_logs web:web"));
}

TEST_F(WebActions, OnAll) {
  EXPECT_THAT(message("refresh").value_or(""), MatchesRegex(std::string{"Page refreshed at "} + kTime));
  EXPECT_THAT(control_.asked, IsEmpty());
  EXPECT_THAT(message("stopall").value_or(""), MatchesRegex(std::string{"All stopped at "} + kTime));
  EXPECT_THAT(message("restartall", "ignored").value_or(""), MatchesRegex(std::string{"All restarted at "} + kTime));
  EXPECT_THAT(control_.asked, ElementsAre("stop_all wait", "stop_all wait", "start_all wait"));
}

TEST_F(WebActions, FailInSupervisorsWords) {
  EXPECT_EQ(refused("start", Refusal::NoFile, "x"), "ERROR: Process web: no such file");
  EXPECT_EQ(refused("start", Refusal::NotExecutable, "x"), "ERROR: Process web: file not executable");
  EXPECT_EQ(refused("start", Refusal::AlreadyStarted, "x"), "ERROR: Process web: already started");
  EXPECT_EQ(refused("start", Refusal::SpawnError, "x"), "ERROR: Process web: spawn error");
  EXPECT_EQ(refused("start", Refusal::AbnormalTermination, "x"), "ERROR: Process web: abnormal termination");
  EXPECT_EQ(refused("start", Refusal::Failed, "x"), "ERROR: Process web: unexpected rpc fault [30] FAILED: x");
  EXPECT_EQ(refused("stop", Refusal::NotRunning, "web"), "unexpected rpc fault [70] NOT_RUNNING: web");
  EXPECT_EQ(refused("clearlog", Refusal::Failed, "web"), "unexpected rpc fault [30] FAILED: web");
  EXPECT_EQ(refused("restart", Refusal::Failed, "web"), "Process web restarted");
}

TEST_F(WebActions, WaitForTheEngine) {
  control_.holds = true;
  EXPECT_EQ(message("restart", "web"), std::nullopt);
  EXPECT_TRUE(known_);
  control_.release(0, Refused{Refusal::NotRunning, "web"});
  EXPECT_EQ(told_, std::nullopt);
  EXPECT_THAT(control_.asked, ElementsAre("stop web wait", "start web wait"));
  control_.release(1, std::monostate{});
  EXPECT_EQ(told_, "Process web restarted");

  EXPECT_EQ(message("restartall"), std::nullopt);
  control_.release(2, std::monostate{});
  EXPECT_EQ(told_, std::nullopt);
  control_.release(3, std::monostate{});
  EXPECT_TRUE(told_.has_value());
}

TEST_F(WebActions, NeedAProcessThatExists) {
  EXPECT_EQ(message("start", "nope"), "No such process named nope");
  EXPECT_EQ(message("clearlog", "web:*"), "No such process named web:*");
  EXPECT_THAT(control_.asked, IsEmpty());
}

TEST_F(WebActions, UnknownOnes) {
  for (const char* action : {"bogus", "STOPALL", "shutdown"}) {
    EXPECT_EQ(message(action, "web"), std::nullopt);
    EXPECT_FALSE(known_) << action;
    EXPECT_EQ(message(action), std::nullopt);
    EXPECT_FALSE(known_) << action;
  }
  EXPECT_EQ(message("start"), std::nullopt);
  EXPECT_FALSE(known_);
  EXPECT_THAT(control_.asked, IsEmpty());
}

TEST_F(WebActions, NotWhileShuttingDown) {
  control_.info.shutting_down = true;
  for (const char* action : {"start", "stop", "restart", "clearlog", "stopall", "restartall"})
    EXPECT_EQ(message(action, "web"), "unexpected rpc fault [6] SHUTDOWN_STATE") << action;
  EXPECT_THAT(control_.asked, IsEmpty());
}

}  // namespace
}  // namespace upkeep::rpc
