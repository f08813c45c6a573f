// With real children of this process, which stands for the keeper.
#include "engine/background.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <vector>

#include "base/fd.h"

namespace upkeep::engine {
namespace {

class BackgroundTest : public testing::Test {
 protected:
  ~BackgroundTest() override {
    for (const pid_t pid : children_) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
  }
  // A child that has executed a program with this environment.
  pid_t start(std::vector<std::string> environment) {
    auto executed = Pipe::make();  // closes with the exec
    const pid_t pid = ::fork();
    if (pid == 0) {
      std::vector<char*> variables;
      for (std::string& variable : environment) variables.push_back(variable.data());
      variables.push_back(nullptr);
      char name[] = "sleep", time[] = "600";
      char* argv[] = {name, time, nullptr};
      ::execve("/bin/sleep", argv, variables.data());
      ::_exit(127);
    }
    children_.push_back(pid);
    executed->write.reset();
    char byte = 0;
    EXPECT_EQ(::read(executed->read.get(), &byte, 1), 0);
    return pid;
  }
  static std::optional<int> find(const std::set<int>& known = {}) {
    return find_background_child(::getpid(), "web", "web_1", known);
  }

  std::vector<pid_t> children_;
};

TEST_F(BackgroundTest, FindsAChildByItsNames) {
  const pid_t pid = start({"PATH=/bin", "SUPERVISOR_GROUP_NAME=web", "SUPERVISOR_PROCESS_NAME=web_1", "X=y"});
  EXPECT_EQ(find(), pid);
}

TEST_F(BackgroundTest, BothNamesMustBeRight) {
  start({"SUPERVISOR_GROUP_NAME=web", "SUPERVISOR_PROCESS_NAME=web_10"});
  start({"SUPERVISOR_GROUP_NAME=webs", "SUPERVISOR_PROCESS_NAME=web_1"});
  start({"NOT_SUPERVISOR_GROUP_NAME=web", "SUPERVISOR_PROCESS_NAME=web_1"});
  start({"SUPERVISOR_PROCESS_NAME=web_1"});
  start({});
  EXPECT_EQ(find(), std::nullopt);
}

TEST_F(BackgroundTest, SupervisedOnesAreKnown) {
  const pid_t known = start({"SUPERVISOR_GROUP_NAME=web", "SUPERVISOR_PROCESS_NAME=web_1"});
  EXPECT_EQ(find({known}), std::nullopt);
  const pid_t other = start({"SUPERVISOR_GROUP_NAME=web", "SUPERVISOR_PROCESS_NAME=web_1"});
  EXPECT_EQ(find({known}), other);
}

TEST(FindBackgroundChild, OfAKeeperThatIsGoneIsNone) {
  EXPECT_EQ(find_background_child(0, "web", "web_1", {}), std::nullopt);
}

TEST_F(BackgroundTest, FindsWhatAnEarlierSupervisordLeftBehind) {
  const std::string url = "unix:///nowhere/" + std::to_string(::getpid());
  EXPECT_TRUE(find_left_behind(url).empty());
  const pid_t left = start({"SUPERVISOR_SERVER_URL=" + url, "SUPERVISOR_GROUP_NAME=web", "SUPERVISOR_PROCESS_NAME=w1"});
  start({"SUPERVISOR_SERVER_URL=" + url + "0", "SUPERVISOR_GROUP_NAME=web", "SUPERVISOR_PROCESS_NAME=another"});
  start({"SUPERVISOR_SERVER_URL=" + url});
  const auto found = find_left_behind(url);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].pid, left);
  EXPECT_EQ(describe(found), "web:w1 (pid " + std::to_string(left) + ")");
}

TEST(LeftBehind, IsNotNamedWithoutEnd) {
  std::vector<LeftBehind> many;
  for (int pid = 1; pid <= 13; ++pid) many.push_back({pid, "a:b"});
  const std::string text = describe(many);
  EXPECT_TRUE(text.ends_with("a:b (pid 10) and 3 more")) << text;
}

}  // namespace
}  // namespace upkeep::engine
