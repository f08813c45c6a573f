#include "config/effective.h"

#include <gtest/gtest.h>

#include <set>

#include "config/keys.h"
#include "fakes/fake_world.h"

namespace upkeep::config {
namespace {

class EffectiveTest : public testing::Test {
 protected:
  EffectiveConfig effective(const std::string& text) {
    world_.files["/etc/a.conf"] = text;
    auto loaded = effective_config("/etc/a.conf", world_);
    if (auto* config = std::get_if<EffectiveConfig>(&loaded)) return std::move(*config);
    ADD_FAILURE() << std::get<LoadError>(loaded).text;
    return {};
  }
  // "value @ line", "value @ -" of a default, "none" of what is not set.
  static std::string shown(const EffectiveProcess& process, const std::string& key) {
    for (const EffectiveValue& value : process.values) {
      if (value.key != key) continue;
      const std::string from = value.origin ? std::to_string(value.origin->line) : "-";
      return value.value.value_or("none") + " @ " + from;
    }
    return "missing";
  }
  FakeWorld world_;
};

TEST_F(EffectiveTest, ValuesAreExpandedAndKnowTheirOrigin) {
  world_.variables.emplace_back("GREETING", "hello");
  const auto config = effective(
      "[supervisord]\nenvironment=G=\"g\"\n[program:web]\ncommand=web %(ENV_GREETING)s %(process_num)d\n"
      "numprocs=2\nprocess_name=%(program_name)s_%(process_num)d\nstdout_logfile=/tmp/%(program_name)s\n"
      "stdout_logfile_maxbytes=1536KB\nstopsignal=SIGHUP\nexitcodes=0, 2\numask=22\nredirect_stderr=1\nuser=web\n");
  ASSERT_EQ(config.processes.size(), 2U);
  const EffectiveProcess& web = config.processes[1];
  EXPECT_EQ(web.group, "web");
  EXPECT_EQ(web.name, "web_1");
  EXPECT_EQ(web.section, "program:web");
  EXPECT_EQ(web.origin.line, 3);
  EXPECT_EQ(shown(web, "command"), "web hello 1 @ 4");
  EXPECT_EQ(shown(web, "numprocs"), "2 @ 5");
  EXPECT_EQ(shown(web, "process_name"), "web_1 @ 6");
  EXPECT_EQ(shown(web, "stdout_logfile"), "/tmp/web @ 7");
  EXPECT_EQ(shown(web, "stdout_logfile_maxbytes"), "1536KB @ 8");
  EXPECT_EQ(shown(web, "stderr_logfile_maxbytes"), "50MB @ -");
  EXPECT_EQ(shown(web, "stopsignal"), "HUP @ 9");
  EXPECT_EQ(shown(web, "exitcodes"), "0,2 @ 10");
  EXPECT_EQ(shown(web, "umask"), "022 @ 11");
  EXPECT_EQ(shown(web, "stderr_logfile"), "NONE @ -");
  EXPECT_EQ(shown(web, "user"), "web @ 13");
  EXPECT_EQ(shown(web, "directory"), "none @ -");
  EXPECT_EQ(shown(web, "environment"), "G=\"g\" @ 2");
  EXPECT_EQ(shown(web, "killasgroup"), "false @ -");
}

TEST_F(EffectiveTest, OtherKindsOfPrograms) {
  const auto config = effective(
      "[supervisord]\n[DEFAULT]\nstartsecs=7\n[eventlistener:l]\ncommand=x\nevents=tick_60,TICK_5\n"
      "[fcgi-program:f]\ncommand=y\nsocket=unix:///tmp/%(program_name)s\nsocket_owner=root:www\n");
  ASSERT_EQ(config.processes.size(), 2U);
  EXPECT_EQ(shown(config.processes[0], "events"), "TICK_5,TICK_60 @ 6");
  EXPECT_EQ(shown(config.processes[0], "priority"), "-1 @ -");
  EXPECT_EQ(shown(config.processes[0], "startsecs"), "7 @ 3");
  EXPECT_EQ(shown(config.processes[1], "socket"), "unix:///tmp/f @ 9");
  EXPECT_EQ(shown(config.processes[1], "socket_owner"), "0:33 @ 10");
  EXPECT_EQ(shown(config.processes[1], "socket_backlog"), "none @ -");
}

// Whatever key is added to the table has to be shown, too: as its default says where there is one.
TEST_F(EffectiveTest, EveryKeyIsShown) {
  const auto config = effective(
      "[supervisord]\n[program:p]\ncommand=x\n[eventlistener:l]\ncommand=x\nevents=TICK_5\n"
      "[fcgi-program:f]\ncommand=x\nsocket=unix:///tmp/f\n");
  for (const EffectiveProcess& process : config.processes) {
    const std::string kind = process.section.substr(0, process.section.find(':'));
    std::set<std::string_view> seen;
    for (const Key& key : all_keys()) {
      if (key.section != kind || !seen.insert(key.name).second) continue;
      const std::string value = shown(process, std::string{key.name});
      EXPECT_NE(value, "missing") << process.section << " " << key.name;
      if (!key.fallback || key.name == "process_name" || key.name == "events") continue;
      EXPECT_EQ(value, (key.fallback->empty() ? "none" : std::string{*key.fallback}) + " @ -") << key.name;
    }
  }
}

TEST_F(EffectiveTest, ARefusedFileIsAnError) {
  world_.files["/etc/a.conf"] = "[supervisord]\numask=9\n";
  const auto loaded = effective_config("/etc/a.conf", world_);
  ASSERT_TRUE(std::holds_alternative<LoadError>(loaded));
  EXPECT_EQ(std::get<LoadError>(loaded).where, "/etc/a.conf:2");
}

}  // namespace
}  // namespace upkeep::config
