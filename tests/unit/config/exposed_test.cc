#include <gmock/gmock.h>
#include <sys/stat.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

using testing::ElementsAre;

constexpr mode_t kFile = S_IFREG, kFolder = S_IFDIR;

class ExposedTest : public LoadTest {
 protected:
  std::vector<std::string> warnings(const std::string& text = "[supervisord]\nuser=root\n") {
    std::vector<std::string> texts;
    for (const Notice& notice : good(text).notices)
      if (notice.level == LogLevel::Warn) texts.push_back(notice.text);
    return texts;
  }
  // Of the file, owned like that, when this user loads it.
  std::vector<std::string> warnings_of(const FilePermissions& permissions, uid_t user) {
    world_.uid = user;
    world_.file_permissions = {{"/etc/a.conf", permissions}};
    return warnings(user == 0 ? "[supervisord]\nuser=root\n" : "[supervisord]\n");
  }
};

TEST_F(ExposedTest, NobodyElseIsNoNews) {
  EXPECT_THAT(warnings_of({0, 0, kFile | 0644}, 0), ElementsAre());
  EXPECT_THAT(warnings_of({0, 0, kFile | 0664}, 0), ElementsAre());
  EXPECT_THAT(warnings_of({0, 0, kFile | 0644}, 1000), ElementsAre());
  EXPECT_THAT(warnings_of({1000, 1000, kFile | 0664}, 1000), ElementsAre()) << "a user's own group";
}

TEST_F(ExposedTest, EverybodyIsTold) {
  EXPECT_THAT(warnings_of({0, 0, kFile | 0646}, 0),
              ElementsAre("everybody may write to /etc/a.conf (mode 0646), and so decide what root runs"));
  EXPECT_THAT(warnings_of({1000, 1000, kFile | 0666}, 1000),
              ElementsAre("everybody may write to /etc/a.conf (mode 0666), and so decide what is run here"));
}

TEST_F(ExposedTest, OthersAreTold) {
  EXPECT_THAT(warnings_of({1000, 0, kFile | 0644}, 0),
              ElementsAre("uid 1000, its owner, may write to /etc/a.conf (mode 0644), and so decide what root runs"));
  EXPECT_THAT(warnings_of({0, 33, kFile | 0664}, 0),
              ElementsAre("gid 33 may write to /etc/a.conf (mode 0664), and so decide what root runs"));
  EXPECT_THAT(warnings_of({1001, 0, kFile | 0400}, 1000),
              ElementsAre("uid 1001, its owner, may write to /etc/a.conf (mode 0400), and so decide what is run here"));
}

TEST_F(ExposedTest, WhoMayReplaceItIsTold) {
  world_.uid = 0;
  world_.file_permissions = {{"/etc", {0, 0, kFolder | 0777}}};
  EXPECT_THAT(warnings(), ElementsAre("everybody may write to /etc (mode 0777), and so decide what root runs"));
  world_.file_permissions = {{"/etc", {0, 0, kFolder | 01777}}};
  EXPECT_THAT(warnings(), ElementsAre());
}

TEST_F(ExposedTest, IncludedFilesCountToo) {
  world_.uid = 0;
  world_.files["/srv/x.ini"] = "";
  world_.file_permissions = {{"/srv/x.ini", {0, 0, kFile | 0666}}};
  EXPECT_THAT(warnings("[supervisord]\nuser=root\n[include]\nfiles=/srv/*.ini\n"),
              ElementsAre("everybody may write to /srv/x.ini (mode 0666), and so decide what root runs"));
}

}  // namespace
}  // namespace upkeep::config
