#include "logs/auto_name.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "fakes/temporary_folder.h"

namespace upkeep::logs {
namespace {

using fakes::put;
using fakes::TemporaryFolder;
using testing::ElementsAre;
using testing::MatchesRegex;
using testing::SizeIs;

TEST(AutoName, CreatesAPrivateFileOfItsOwn) {
  const TemporaryFolder folder;
  const auto first = make_auto_log(folder.path(), "web_00", "stdout", "supervisor");
  const auto second = make_auto_log(folder.path(), "web_00", "stdout", "supervisor");
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_THAT(folder.names(), SizeIs(2));
  EXPECT_THAT(folder.names()[0], MatchesRegex("web_00-stdout---supervisor-[a-z0-9_]{8}\\.log"));
  struct stat status {};
  ASSERT_EQ(::stat(first->c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(make_auto_log(folder / "none", "p", "stderr", "s").error().code, ENOENT);
}

TEST(AutoName, CleanupTakesTheNamesThatSupervisorTakes) {
  const char* const taken[] = {
      "web-stdout---supervisor-abcdefgh.log",
      "web-stdout---supervisor-abcdefgh.log.1",
      "web-stderr---supervisor-x.log.9999",
      "x---supervisor-q.log.99999.bak",
      "x---supervisor-q.logfile",
      "a b---supervisor-q.log then blanks",
      "x---supervisor--supervisor-q.log",
      "x---supervisor-.log.log",
      "---supervisor-a---supervisor-b.log",
      "x---supervisor-ä\u200b.log",
  };
  for (const char* name : taken) EXPECT_TRUE(is_auto_log_name(name, "supervisor")) << name;
  const char* const left[] = {
      "web.log",
      "---supervisor-q.log",     // nothing before the dashes
      "x---supervisor-.log",     // nothing after the identifier
      "x---supervisor-a b.log",  // a blank before the extension
      "x---supervisor-a\u00a0b.log",
      "x---supervisor-\u3000a.log",
      "x---other-abcdefgh.log",  // another instance
      "x---supervisor-abcdefgh.lo",
      "x--supervisor-abcdefgh.log",
      "x\ny---supervisor-q.log",
  };
  for (const char* name : left) EXPECT_FALSE(is_auto_log_name(name, "supervisor")) << name;
}

TEST(AutoName, TheIdentifierStandsForItself) {
  EXPECT_TRUE(is_auto_log_name("x---a(b+[c-q.log", "a(b+[c"));
  EXPECT_FALSE(is_auto_log_name("x---axc-q.log", "a.c"));
}

TEST(AutoName, RemovesRegularFilesOnly) {
  const TemporaryFolder folder;
  put(folder / "x-stdout---id-abcdefgh.log", "");
  put(folder / "x-stdout---id-abcdefgh.log.2", "");
  put(folder / "keep.log", "");
  ASSERT_EQ(::mkdir((folder / "d---id-q.log").c_str(), 0755), 0);
  const auto left = remove_auto_logs(folder.path(), "id");
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].text, "Failed to clean up '" + (folder / "d---id-q.log") + "'");
  EXPECT_THAT(folder.names(), ElementsAre("d---id-q.log", "keep.log"));
  const auto failed = remove_auto_logs(folder / "none", "id");
  ASSERT_THAT(failed, SizeIs(1));
  EXPECT_EQ(failed[0].code, ENOENT);
  EXPECT_EQ(failed[0].text, "Could not clear childlog dir");
}

}  // namespace
}  // namespace upkeep::logs
