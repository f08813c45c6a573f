// With a file in the place of /proc/self/oom_score_adj: what may be written to the real one depends on our rights.
#include "keeper/oom_score.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "fakes/temporary_folder.h"

namespace upkeep::keeper {
namespace {

class OomScoreTest : public testing::Test {
 protected:
  void inherit(const std::string& score) { fakes::put(file_, score + "\n"); }
  // The file is not truncated by a write: what counts is the number that it begins with.
  int score() { return std::stoi(fakes::content(file_)); }

  fakes::TemporaryFolder folder_;
  const std::string file_ = folder_ / "oom_score_adj";
};

TEST_F(OomScoreTest, IsLoweredAndGivenBack) {
  for (const int inherited : {0, 1000, -899}) {
    inherit(std::to_string(inherited) + std::string(10, ' '));
    {
      const OomScore ours{file_};
      EXPECT_EQ(fakes::content(file_).substr(0, 4), "-900");
    }
    EXPECT_EQ(fakes::content(file_).substr(0, std::to_string(inherited).size()), std::to_string(inherited));
  }
}

TEST_F(OomScoreTest, OneThatIsLowerIsLeftAlone) {
  for (const std::string inherited : {"-900\n", "-1000\n"}) {
    fakes::put(file_, inherited);
    {
      const OomScore ours{file_};
      EXPECT_EQ(fakes::content(file_), inherited);
    }
    EXPECT_EQ(fakes::content(file_), inherited);
  }
}

TEST_F(OomScoreTest, ChildrenGetWhatWasInherited) {
  inherit("30000");
  const OomScore ours{file_};
  const pid_t child = ::fork();
  if (child == 0) {
    ours.give_back();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(score(), 30000);
}

TEST_F(OomScoreTest, CanBeProtectedAgainAfterAFailedChange) {
  inherit("7");
  OomScore ours{file_};
  fakes::put(file_, "");
  ours.give_back();
  EXPECT_EQ(fakes::content(file_), "7");
  ours.protect();
  EXPECT_EQ(fakes::content(file_), "-900");
  fakes::put(file_, "");
  ours.give_back();
  EXPECT_EQ(fakes::content(file_), "7");
}

TEST_F(OomScoreTest, WithoutTheFileOrTheRightNothingHappens) {
  {
    const OomScore ours{file_};
    ours.give_back();
    EXPECT_FALSE(std::filesystem::exists(file_));
  }
  fakes::put(file_, "nonsense");
  {
    const OomScore ours{file_};
    EXPECT_EQ(fakes::content(file_), "nonsense");
  }
  const OomScore directory{folder_ / ""};
  directory.give_back();
}

}  // namespace
}  // namespace upkeep::keeper
