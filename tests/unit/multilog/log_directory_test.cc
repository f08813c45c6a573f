#include "multilog/log_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "fakes/temporary_folder.h"

namespace upkeep::multilog {
namespace {

using fakes::content;
using fakes::put;

class MendingTrouble : public Trouble {  // mends at the first pause; more than a few mean that it did not help
 public:
  void pause(const std::string& warning) override {
    warnings.push_back(warning);
    if (warnings.size() > 5) std::abort();
    if (mend) mend();
  }
  std::vector<std::string> warnings;
  std::function<void()> mend;
};

class LogDirectoryTest : public testing::Test {
 protected:
  LogDirectory directory(bool has_processor = false) {
    DirectorySettings settings{folder / "d", 4096, 1000, {}, "s"};
    if (has_processor) settings.processor = "cat; echo state >&5";
    return LogDirectory{settings, trouble};
  }

  // Finished files in name order, what is on its way, then current: every byte that a reader of the directory finds.
  std::string log() const {
    const fakes::TemporaryFolder& here = folder;
    std::string bytes;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(here / "d"))
      if (entry.path().filename().string().starts_with('@')) names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) bytes += content(name);
    return bytes + content(here / "d/current");
  }

  mode_t mode(const std::string& name) const {
    struct stat status {};
    return ::stat((folder / ("d/" + name)).c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }

  fakes::TemporaryFolder folder;
  MendingTrouble trouble;
};

TEST_F(LogDirectoryTest, WritesAndCloses) {
  {
    LogDirectory logs = directory();
    ASSERT_TRUE(logs.open());
    logs.write("a\n");
    EXPECT_EQ(mode("current"), kOpenMode);
    logs.close();
  }
  EXPECT_EQ(mode("current"), kCompleteMode);
  LogDirectory again = directory();
  ASSERT_TRUE(again.open());
  again.write("b\n");
  EXPECT_EQ(content(folder / "d/current"), "a\nb\n");
  EXPECT_TRUE(trouble.warnings.empty());
}

TEST_F(LogDirectoryTest, RotatesWhatIsUsed) {
  LogDirectory logs = directory();
  ASSERT_TRUE(logs.open());
  logs.rotate_if_used();
  logs.write("a\n");
  logs.rotate_if_used();
  logs.rotate_if_used();
  logs.write("b\n");
  EXPECT_EQ(log(), "a\nb\n");
  EXPECT_EQ(content(folder / "d/current"), "b\n");
}

TEST_F(LogDirectoryTest, NamesAreNeverUsedTwice) {
  const auto stopped_clock = [] { return WallTime{std::chrono::seconds{1'000'000'000}}; };
  LogDirectory logs{{folder / "d", 4096, 1000, {}, "s"}, trouble, stopped_clock};
  ASSERT_TRUE(logs.open());
  std::string all;
  for (int i = 0; i < 200; ++i) {
    const std::string line = std::to_string(i) + std::string(90, 'x') + "\n";
    logs.write(line);
    all += line;
  }
  EXPECT_EQ(log(), all);
  EXPECT_TRUE(trouble.warnings.empty());
}

TEST_F(LogDirectoryTest, SecondUserIsRefused) {
  LogDirectory first = directory(), second = directory();
  ASSERT_TRUE(first.open());
  const auto refused = second.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "unable to lock directory " + folder / "d");
  EXPECT_EQ(refused.error().code, EAGAIN);
}

// What stands in a file's place: a pause, then the file.
TEST_F(LogDirectoryTest, PausesUntilAStepSucceeds) {
  LogDirectory logs = directory();
  ASSERT_TRUE(logs.open());
  logs.write("a\n");
  ASSERT_EQ(::mkdir((folder / "d/previous").c_str(), 0755), 0);
  trouble.mend = [&] { ::rmdir((folder / "d/previous").c_str()); };
  logs.rotate_if_used();
  EXPECT_EQ(trouble.warnings, std::vector{"unable to rename current to previous in directory " + folder / "d" +
                                          ", pausing: is a directory"});
  EXPECT_EQ(log(), "a\n");
}

TEST_F(LogDirectoryTest, ProcessorThatFailsRunsAgain) {
  LogDirectory logs{{folder / "d", 4096, 1000, "test -e ../mended || exit 1; cat", "s"}, trouble};
  ASSERT_TRUE(logs.open());
  logs.write("a\n");
  trouble.mend = [&] { put(folder / "mended", ""); };
  logs.rotate_if_used();
  EXPECT_EQ(trouble.warnings, std::vector{"processor failed in " + folder / "d" + ", pausing"});
  EXPECT_EQ(log(), "a\n");
}

TEST_F(LogDirectoryTest, ProcessorThatIsKilledRunsAgain) {
  LogDirectory logs{{folder / "d", 4096, 1000, "test -e ../mended || kill -9 $$; cat", "s"}, trouble};
  ASSERT_TRUE(logs.open());
  logs.write("a\n");
  trouble.mend = [&] { put(folder / "mended", ""); };
  logs.rotate_if_used();
  EXPECT_EQ(trouble.warnings, std::vector{"processor crashed in " + folder / "d" + ", pausing"});
  EXPECT_EQ(log(), "a\n");
}

// A crash after each step of a rotation, then one after each step of the recovery, then a start: every byte is there,
// in order and once, and nothing but what belongs there.
TEST_F(LogDirectoryTest, CrashAfterAnyStepLosesNothing) {
  for (const bool has_processor : {false, true}) {
    const std::size_t steps = rotation_plan(has_processor, "s").size();
    for (std::size_t rotated = 0; rotated <= steps; ++rotated) {
      for (std::size_t recovered = 0;; ++recovered) {
        std::filesystem::remove_all(folder / "d");
        std::size_t recovery_steps = 0;
        {
          LogDirectory logs = directory(has_processor);
          ASSERT_TRUE(logs.open());
          logs.write("first\n");
          logs.rotate_if_used();
          logs.write("second\n");
          const Plan plan = rotation_plan(has_processor, "s");
          for (std::size_t i = 0; i < rotated; ++i) ASSERT_TRUE(logs.perform(plan[i]));
        }
        {
          LogDirectory logs = directory(has_processor);
          const auto plan = logs.enter();
          ASSERT_TRUE(plan);
          recovery_steps = plan->size();
          for (std::size_t i = 0; i < std::min(recovered, recovery_steps); ++i) ASSERT_TRUE(logs.perform((*plan)[i]));
        }
        LogDirectory logs = directory(has_processor);
        ASSERT_TRUE(logs.open());
        logs.write("third\n");
        EXPECT_EQ(log(), "first\nsecond\nthird\n") << rotated << " steps, then " << recovered << " of recovery";
        for (const std::string name : {"previous", "processed", "newstate"}) EXPECT_EQ(mode(name), 0U) << name;
        if (recovered >= recovery_steps) break;
      }
    }
  }
  EXPECT_TRUE(trouble.warnings.empty());
}

}  // namespace
}  // namespace upkeep::multilog
