// Which entries of a directory are services.
#include "services/directory_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "unit/services/service_folder.h"

namespace upkeep::services {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DirectoryScanTest : public testing::Test {
 protected:
  Scan scan() const { return scan_directory(folder_.open().get()).value(); }
  // "web", "web+log" with a logger, "web?" where there is nothing to run.
  std::vector<std::string> found() const {
    std::vector<std::string> shown;
    for (const FoundService& service : scan().services)
      shown.push_back(service.name + (service.has_log ? "+log" : "") + (service.is_complete ? "" : "?"));
    return shown;
  }
  ServiceFolder folder_;
};

TEST_F(DirectoryScanTest, FindsDirectoriesByName) {
  folder_.make("web/run");
  folder_.make("dns/run");
  folder_.make("file");
  folder_.make(".hidden/run");
  EXPECT_THAT(found(), ElementsAre("dns", "web"));
  EXPECT_THAT(scan().troubles, IsEmpty());
}

TEST_F(DirectoryScanTest, FollowsLinks) {
  folder_.make(".real/run");
  folder_.link(".real", "web");
  folder_.make("file");
  folder_.link("file", "no-service");
  EXPECT_THAT(found(), ElementsAre("web"));
  EXPECT_EQ(scan().services.front().id.inode, std::filesystem::exists(folder_ / ".real") ? [&] {
    struct stat status {};
    ::stat((folder_ / ".real").c_str(), &status);
    return status.st_ino;
  }() : 0);
}

TEST_F(DirectoryScanTest, TwoLinksToOneAreOne) {
  folder_.make(".real/run");
  folder_.link(".real", "b");
  folder_.link(".real", "a");
  EXPECT_THAT(found(), ElementsAre("a"));
}

TEST_F(DirectoryScanTest, ALogThatIsADirectoryIsALogger) {
  folder_.make("a/run");
  folder_.make("a/log/run");
  folder_.make("b/run");
  folder_.make("b/log");
  folder_.make("c/run");
  folder_.make("c/log/");
  folder_.make("d/run");
  folder_.link("../a/log", "d/log");
  folder_.make("e/run");
  folder_.link("nowhere", "e/log");
  EXPECT_THAT(found(), ElementsAre("a+log", "b", "c+log", "d+log", "e"));
}

TEST_F(DirectoryScanTest, OneWithoutAScriptIsIncomplete) {
  folder_.make("a/");
  folder_.make("b/down");
  folder_.make("c/start");
  folder_.make("d/run", 0644);
  folder_.make("e/run/");
  EXPECT_THAT(found(), ElementsAre("a?", "b?", "c", "d", "e"));
}

TEST_F(DirectoryScanTest, TellsOfWhatItCannotLookAt) {
  folder_.make("ok/run");
  folder_.link("nowhere", "dangling");
  folder_.link("loop", "loop");
  folder_.make("odd/run");
  folder_.link("log", "odd/log");
  const Scan seen = scan();
  std::vector<std::pair<std::string, int>> troubles;
  for (const Error& trouble : seen.troubles) troubles.emplace_back(trouble.text, trouble.code);
  EXPECT_THAT(troubles,
              ElementsAre(std::pair{"unable to stat dangling", ENOENT}, std::pair{"unable to stat loop", ELOOP},
                          std::pair{"unable to stat odd/log", ELOOP}));
  EXPECT_THAT(found(), ElementsAre("ok"));
}

TEST_F(DirectoryScanTest, CanBeAskedAgainAndAgain) {
  const Fd directory = folder_.open();
  folder_.make("a/run");
  EXPECT_EQ(scan_directory(directory.get())->services.size(), 1u);
  folder_.make("b/run");
  EXPECT_EQ(scan_directory(directory.get())->services.size(), 2u) << "the position belongs to another description";
}

TEST_F(DirectoryScanTest, SaysWhatIsNoDirectory) {
  folder_.make("file");
  const Fd file{::open((folder_ / "file").c_str(), O_RDONLY | O_CLOEXEC)};
  const auto seen = scan_directory(file.get());
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().text, "unable to read directory");
  EXPECT_EQ(seen.error().code, ENOTDIR);
}

TEST_F(DirectoryScanTest, ARemovedDirectoryIsEmpty) {
  folder_.make("scan/a/run");
  const Fd directory = folder_.open("scan");
  std::filesystem::remove_all(folder_ / "scan");
  const auto seen = scan_directory(directory.get());
  EXPECT_TRUE(!seen || seen->services.empty());
}

}  // namespace
}  // namespace upkeep::services
