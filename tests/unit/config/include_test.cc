#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

using IncludeTest = LoadTest;

TEST_F(IncludeTest, ReadsMatchesInOrderIntoOneConfiguration) {
  world_.files["/etc/conf.d/b.ini"] = "[supervisord]\nidentifier=b\n[program:web]\nstartsecs=7\n";
  world_.files["/etc/conf.d/a.ini"] = "[supervisord]\nidentifier=a\n";
  world_.files["/etc/conf.d/.c.ini"] = "[supervisord]\nidentifier=hidden\n";
  const Config config =
      good("[include]\nfiles = conf.d/*.ini none.ini\n  /no/*\n[supervisord]\n[program:web]\ncommand=x\n");
  EXPECT_EQ(config.daemon.identifier, "b");
  EXPECT_EQ(config.groups.at(0).processes.at(0).policy.start_time, std::chrono::seconds{7});
  EXPECT_THAT(config.notices,
              testing::ElementsAre(Notice{LogLevel::Warn, "No file matches via include \"/etc/none.ini\""},
                                   Notice{LogLevel::Warn, "No file matches via include \"/no/*\""},
                                   Notice{LogLevel::Info, "Included extra file \"/etc/conf.d/a.ini\" during parsing"},
                                   Notice{LogLevel::Info, "Included extra file \"/etc/conf.d/b.ini\" during parsing"}));
}

TEST_F(IncludeTest, HereIsTheFolderOfTheIncludedFile) {
  world_.files["/opt/x/a.ini"] =
      "[program:web]\ncommand=%(here)s/run\n[unix_http_server]\nfile=s\nusername=%(here)s\npassword=x\n";
  const Config config = good("[supervisord]\nidentifier=%(here)s\n[include]\nfiles=/opt/x/*\n");
  EXPECT_EQ(config.daemon.identifier, "/etc");
  EXPECT_EQ(config.groups.at(0).processes.at(0).command, "/opt/x/run");
  EXPECT_EQ(config.unix_servers.at(0).credentials->username, "/opt/x") << "plain replacement reaches keys without here";
}

TEST_F(IncludeTest, PatternsKnowTheirNames) {
  world_.files["/etc/host.example-hello.ini"] = "[supervisord]\n";
  world_.variables.emplace_back("WORD", "hello");
  EXPECT_EQ(good("[include]\nfiles=%(here)s/%(host_node_name)s-%(ENV_WORD)s.ini\n").notices.size(), 1u);
  expect_error(
      "[supervisord]\n[include]\nfiles=%(nope)s\n",
      "Format string '%(nope)s' for 'include.files' contains names ('nope') which cannot be expanded. Available "
      "names: ENV_HOME, ENV_PATH, ENV_WORD, here, host_node_name",
      "/etc/a.conf:3");
}

TEST_F(IncludeTest, IsNotFollowedInIncludedFiles) {
  world_.files["/etc/b.ini"] = "[include]\nfiles=c.ini\n";
  world_.files["/etc/c.ini"] = "nonsense";
  good("[supervisord]\n[include]\nfiles=b.ini\n");
}

TEST_F(IncludeTest, SkipsWhatCannotBeRead) {
  world_.files["/etc/b.ini"] = "nonsense";
  world_.unreadable.insert("/etc/b.ini");
  const Config config = good("[supervisord]\n[include]\nfiles=b.ini\n");
  EXPECT_TRUE(has_notice(config, LogLevel::Info, "Included extra file \"/etc/b.ini\" during parsing"));
}

TEST_F(IncludeTest, ErrorsNameTheIncludedFile) {
  expect_error("[supervisord]\n[include]\n", ".ini file has [include] section, but no files setting", "/etc/a.conf:2");
  const std::string main = "[supervisord]\n[include]\nfiles=b.ini\n";
  world_.files["/etc/b.ini"] = "[program:x]\nnope\n";
  expect_error(main, "Source contains parsing errors: '/etc/b.ini'\n\t[line  2]: 'nope\\n'", "/etc/b.ini:2");
  world_.files["/etc/b.ini"] = "k=v\n";
  expect_error(main, "File contains no section headers.\nfile: '/etc/b.ini', line: 1\n'k=v\\n'", "/etc/b.ini:1");
  world_.files["/etc/b.ini"] = "[program:x]\ncommand=x\nstartsecs=y\n";
  expect_error(main, "invalid literal for int() with base 10: 'y' in section 'program:x' (file: '/etc/b.ini')",
               "/etc/b.ini:3");
  world_.files["/etc/b.ini"] = "[program:web]\nstartsecs=y\n";
  expect_error(main + "[program:web]\ncommand=x\n",
               "invalid literal for int() with base 10: 'y' in section 'program:web' (file: '/etc/a.conf')",
               "/etc/b.ini:2");
}

}  // namespace
}  // namespace upkeep::config
