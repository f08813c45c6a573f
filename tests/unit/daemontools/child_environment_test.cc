#include "daemontools/child_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace upkeep::daemontools {
namespace {

using testing::UnorderedElementsAre;

class ChildEnvironmentTest : public testing::Test {
 protected:
  std::vector<std::string> words() {
    std::vector<std::string> all;
    for (char* const* word = environment_.words(); *word; ++word) all.emplace_back(*word);
    return all;
  }

  std::string a_ = "A=1", b_ = "B=2", again_ = "A=3", odd_ = "ODD";
  std::vector<char*> inherited_{a_.data(), b_.data(), again_.data(), odd_.data(), nullptr};
  ChildEnvironment environment_{inherited_.data()};
};

TEST_F(ChildEnvironmentTest, KeepsWhatIsNotChanged) {
  EXPECT_THAT(words(), UnorderedElementsAre("A=1", "B=2", "A=3", "ODD"));
}

TEST_F(ChildEnvironmentTest, ReplacesAddsAndRemoves) {
  environment_.set("B", "x=y");
  environment_.set("C", "");
  EXPECT_THAT(words(), UnorderedElementsAre("A=1", "B=x=y", "A=3", "ODD", "C="));
  environment_.remove("B");
  environment_.remove("C");
  environment_.remove("ABSENT");
  EXPECT_THAT(words(), UnorderedElementsAre("A=1", "A=3", "ODD"));
}

TEST_F(ChildEnvironmentTest, ChangesTheFirstOfTwo) {
  environment_.remove("A");
  EXPECT_THAT(words(), UnorderedElementsAre("B=2", "A=3", "ODD"));
}

TEST_F(ChildEnvironmentTest, DoesNotJudgeNames) {
  environment_.set("B=W", "x");
  EXPECT_THAT(words(), UnorderedElementsAre("A=1", "B=W=x", "A=3", "ODD"));
  environment_.remove("B=V");
  EXPECT_THAT(words(), UnorderedElementsAre("A=1", "B=V", "A=3", "ODD"));
}

}  // namespace
}  // namespace upkeep::daemontools
