#include "config/supervisorctl_settings.h"

#include <gtest/gtest.h>

#include "fakes/fake_world.h"

namespace upkeep::config {
namespace {

class CtlSettingsTest : public testing::Test {
 protected:
  FakeWorld world_;

  Result<CtlSettings> load(const std::string& text) {
    world_.files["/etc/a.conf"] = text;
    return load_supervisorctl("/etc/a.conf", "/usr/bin/supervisorctl", world_);
  }
  CtlSettings good(const std::string& text) {
    auto settings = load(text);
    EXPECT_TRUE(settings) << settings.error().text;
    return settings ? *settings : CtlSettings{};
  }
  std::string bad(const std::string& text) {
    const auto settings = load(text);
    return settings ? "no error" : settings.error().text;
  }
};

TEST_F(CtlSettingsTest, Defaults) {
  for (const CtlSettings& settings :
       {good("[supervisorctl]\n"), *load_supervisorctl(std::nullopt, "/usr/bin/supervisorctl", world_)}) {
    EXPECT_EQ(settings.server_url, "http://localhost:9001");
    EXPECT_EQ(settings.prompt, "supervisor");
    EXPECT_FALSE(settings.username || settings.password || settings.history_file);
  }
}

TEST_F(CtlSettingsTest, EveryKey) {
  world_.variables.emplace_back("PASS", "s3");
  const CtlSettings settings = good(
      "[supervisorctl]\nserverurl=unix://%(here)s/../s\nusername=u\npassword=%(ENV_PASS)s\nprompt=p\nhistory_file=~/"
      ".h\n");
  EXPECT_EQ(settings.server_url, "unix:///s");
  EXPECT_EQ(settings.username, "u");
  EXPECT_EQ(settings.password, "s3");
  EXPECT_EQ(settings.prompt, "p");
  EXPECT_EQ(settings.history_file, "/home/me/.h");
  EXPECT_EQ(good("[supervisorctl]\nserverurl=unix://~/s\nhistory_file=\n").server_url, "unix:///home/me/s");
}

TEST_F(CtlSettingsTest, IncludeIsNotFollowed) {
  world_.files["/etc/b.ini"] = "nonsense";
  EXPECT_EQ(good("[supervisorctl]\nprompt=a\n[include]\nfiles=b.ini\n").prompt, "a");
}

TEST_F(CtlSettingsTest, Errors) {
  EXPECT_EQ(bad("[supervisord]\n"), ".ini file does not include supervisorctl section");
  EXPECT_EQ(bad("x\n"), "File contains no section headers.\nfile: '/etc/a.conf', line: 1\n'x\\n'");
  EXPECT_EQ(bad("[supervisorctl]\nusername=%(here)s\n"),
            "Format string '%(here)s' for 'supervisorctl.username' contains names ('here') which cannot be expanded. "
            "Available "
            "names: ENV_HOME, ENV_PATH");
  const auto missing = load_supervisorctl("x.conf", "supervisorctl", world_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text, "could not find config file x.conf");
  const auto folder = load_supervisorctl("/tmp", "supervisorctl", world_);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().text, "could not read config file /tmp");
}

TEST_F(CtlSettingsTest, SearchesFromTheProgramsOwnPlace) {
  world_.files["/opt/bin/supervisorctl"] = "";
  world_.files["/opt/etc/supervisord.conf"] = "[supervisorctl]\nprompt=opt\n";
  world_.files["/etc/supervisord.conf"] = "[supervisorctl]\nprompt=etc\n";
  EXPECT_EQ(load_supervisorctl(std::nullopt, "/opt/bin/supervisorctl", world_)->prompt, "opt");
  EXPECT_EQ(load_supervisorctl(std::nullopt, "supervisorctl", world_)->prompt, "etc");
  world_.variables = {{"PATH", "/nowhere:/opt/bin"}};
  EXPECT_EQ(load_supervisorctl(std::nullopt, "supervisorctl", world_)->prompt, "opt");
}

}  // namespace
}  // namespace upkeep::config
