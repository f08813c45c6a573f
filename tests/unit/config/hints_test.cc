#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

using HintsTest = LoadTest;

TEST_F(HintsTest, UnsupportedSections) {
  const Config config =
      good("[supervisord]\n[inet_http_server]\nport=x\n[eventlistener:e]\n[fcgi-program:f]\n[group:g]\nprograms=f\n");
  std::vector<Notice> expected;
  for (const char* section : {"inet_http_server", "eventlistener:e", "fcgi-program:f"})
    expected.push_back({LogLevel::Warn, "section [" + std::string{section} + "] is not supported yet and is ignored"});
  EXPECT_EQ(config.notices, expected);
}

TEST_F(HintsTest, MisspeltKeys) {
  const Config config = good(
      "[supervisord]\nlogfle=x\n[program:a]\ncommand=x\ncomand=y\nstartsec=1\nstdoutlogfile=x\n[group:g]\nprogram=a\n"
      "[unix_http_server:x]\nfile=x\nusr_name=y\n");
  const auto hint = [](int line, const char* key, const char* section, const char* meant) {
    return Notice{LogLevel::Warn, "/etc/a.conf:" + std::to_string(line) + ": unknown key \"" + key + "\" in section [" +
                                      section + "] is ignored, did you mean \"" + meant + "\"?"};
  };
  EXPECT_THAT(config.notices, testing::ElementsAre(hint(2, "logfle", "supervisord", "logfile"),
                                                   hint(5, "comand", "program:a", "command"),
                                                   hint(6, "startsec", "program:a", "startsecs"),
                                                   hint(7, "stdoutlogfile", "program:a", "stdout_logfile"),
                                                   hint(9, "program", "group:g", "programs"),
                                                   hint(12, "usr_name", "unix_http_server:x", "username")));
}

TEST_F(HintsTest, SilentOnWhatIsNotClose) {
  const Config config = good(
      "[supervisord]\nx_custom=%(nope)s\nprofile_options=1\n[program:a]\ncommand=x\nmy_own_note=y\nx=1\n[nope]\ncomand="
      "y\n[program]\n");
  EXPECT_TRUE(config.notices.empty());
}

}  // namespace
}  // namespace upkeep::config
