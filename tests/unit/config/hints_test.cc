#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HintsTest : public LoadTest {
 protected:
  // The hints at what follows line 1.
  std::vector<std::string> hints(const std::string& text) {
    std::vector<std::string> found;
    for (const Notice& notice : good("[supervisord]\n" + text).notices) {
      EXPECT_EQ(notice.level, LogLevel::Warn);
      found.push_back(notice.text);
    }
    return found;
  }
  std::string section_hint(const std::string& section) {
    const auto found = hints(section + "\nx=1\n");
    return found.size() == 1 ? found[0] : std::to_string(found.size()) + " hints";
  }
};

TEST_F(HintsTest, UnknownKeys) {
  const auto hint = [](int line, const char* key, const char* section, const char* meant) {
    return "/etc/a.conf:" + std::to_string(line) + ": unknown key \"" + key + "\" in section [" + section +
           "] is ignored" + (*meant ? std::string{", did you mean \""} + meant + "\"?" : "");
  };
  EXPECT_THAT(
      hints("logfle=x\nx_custom=%(nope)s\n[program:a]\ncommand=x\ncomand=y\nstartsec=1\nstdoutlogfile=x\n"
            "[group:g]\nprogram=a\n[unix_http_server:x]\nfile=x\nusr_name=y\n[inet_http_server]\nport=1\n"
            "file=x\n"),
      ElementsAre(hint(2, "logfle", "supervisord", "logfile"), hint(3, "x_custom", "supervisord", ""),
                  hint(6, "comand", "program:a", "command"), hint(7, "startsec", "program:a", "startsecs"),
                  hint(8, "stdoutlogfile", "program:a", "stdout_logfile"), hint(10, "program", "group:g", "programs"),
                  hint(13, "usr_name", "unix_http_server:x", "username"), hint(16, "file", "inet_http_server", "")));
}

TEST_F(HintsTest, OnceForEachKey) {
  EXPECT_THAT(hints("[program:a]\ncommand=x\nnumprocs=3\nprocess_name=%(process_num)d\nwhatever=1\nwhatever=2\n"),
              ElementsAre("/etc/a.conf:7: unknown key \"whatever\" in section [program:a] is ignored"));
}

TEST_F(HintsTest, KeysOfProgramsInTheirRelatives) {
  EXPECT_THAT(hints("[eventlistener:e]\ncommand=x\nevents=EVENT\nsocket=x\nbufer_size=3\nstopsignal=HUP\n"
                    "[fcgi-program:f]\ncommand=x\nsocket=tcp://h:1\nevents=x\nstopsignal=HUP\n"),
              ElementsAre("/etc/a.conf:6: unknown key \"bufer_size\" in section [eventlistener:e] is ignored, did you "
                          "mean \"buffer_size\"?",
                          "/etc/a.conf:5: unknown key \"socket\" in section [eventlistener:e] is ignored",
                          "/etc/a.conf:11: unknown key \"events\" in section [fcgi-program:f] is ignored"));
}

TEST_F(HintsTest, KeysOfProgramsThatServicesDoNotHave) {
  EXPECT_THAT(hints("[svscan:s]\ndirectory=/tmp\nautostart=true\ncommand=x\nstdout_logfil=NONE\n"),
              ElementsAre("/etc/a.conf:4: unknown key \"autostart\" in section [svscan:s] is ignored",
                          "/etc/a.conf:5: unknown key \"command\" in section [svscan:s] is ignored",
                          "/etc/a.conf:6: unknown key \"stdout_logfil\" in section [svscan:s] is ignored, did you mean "
                          "\"stdout_logfile\"?"));
}

TEST_F(HintsTest, KeysOfDefault) {
  EXPECT_THAT(hints("[DEFAULT]\nstartsecs=5\nfoo=1\n[program:a]\ncommand=x\n[program:b]\ncommand=x\n"),
              ElementsAre("/etc/a.conf:4: unknown key \"foo\" in section [DEFAULT] is ignored"));
}

TEST_F(HintsTest, AHeaderWithoutItsBracket) {
  EXPECT_THAT(
      hints("[program:a\ncommand=x\n"),
      ElementsAre("/etc/a.conf:2: unknown key \"[program\" in section [supervisord] is ignored, is it a section "
                  "without its closing bracket?",
                  "/etc/a.conf:3: unknown key \"command\" in section [supervisord] is ignored"));
}

TEST_F(HintsTest, UnknownSections) {
  const auto hint = [](const std::string& section, const std::string& meant) {
    return "/etc/a.conf:2: unknown section " + section + " is ignored" +
           (meant.empty() ? "" : ", did you mean " + meant + "?");
  };
  for (const auto& [section, meant] : std::vector<std::pair<std::string, std::string>>{
           {"[progam:x]", "[program:x]"},
           {"[programs:x]", "[program:x]"},
           {"[Program:Web]", "[program:Web]"},
           {"[ program:x ]", "[program:x]"},
           {"[program : x]", "[program:x]"},
           {"[program x]", "[program:x]"},
           {"[program]", "[program:NAME]"},
           {"[supervisor]", "[supervisord]"},
           {"[supervisord:x]", "[supervisord]"},
           {"[includes]", "[include]"},
           {"[eventlisteners:x]", "[eventlistener:x]"},
           {"[fcgi_program:x]", "[fcgi-program:x]"},
           {"[svcscan:x]", "[svscan:x]"},
           {"[svscan]", "[svscan:NAME]"},
           {"[inet_htp_server]", "[inet_http_server]"},
           {"[unix_htp_server:x]", "[unix_http_server:x]"},
           {"[nope]", ""},
           {"[nope:x]", ""},
           {"[]]", ""},
       }) {
    EXPECT_EQ(section_hint(section), hint(section, meant));
  }
}

TEST_F(HintsTest, SilentOnSectionsOfOthers) {
  EXPECT_THAT(hints("[supervisorctl]\nserverurl=x\nprompt=x\nhistory_file=x\nsome_plugin=1\n[ctlplugin:x]\n"
                    "supervisor.ctl_factory=a:b\nanything=1\n"),
              IsEmpty());
  EXPECT_THAT(hints("[supervisorctl]\nserver_url=x\n"),
              ElementsAre("/etc/a.conf:3: unknown key \"server_url\" in section [supervisorctl] is ignored, did you "
                          "mean \"serverurl\"?"));
}

}  // namespace
}  // namespace upkeep::config
