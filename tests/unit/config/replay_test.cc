// The record of a load gives the same configuration again, whatever has become of the world.
#include "base/recorded_world.h"

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

class ReplayTest : public LoadTest {
 protected:
  // Loads through a recording, then from its bytes alone.
  std::pair<Loaded, Loaded> load_twice(const std::vector<std::string>& argv) {
    RecordingWorld recording{world_, argv};
    Loaded first = load_supervisord(argv, recording);
    auto replay = ReplayWorld::parse(recording.bytes());
    EXPECT_TRUE(replay) << replay.error().text;
    if (!replay) return {std::move(first), LoadError{}};
    EXPECT_EQ(replay->argv(), argv);
    return {std::move(first), load_supervisord(replay->argv(), *replay)};
  }
};

TEST_F(ReplayTest, EqualConfiguration) {
  world_.uid = 0;
  world_.variables.emplace_back("TMPDIR", "/here");
  world_.files["/usr/bin/supervisord"] = "";
  world_.files["/etc/conf.d/b.ini"] = "[program:b]\ncommand=%(here)s\nuser=web\nstdout_logfile=~web/x\n";
  world_.directories.insert("/home/web");
  world_.files["/etc/supervisord.conf"] =
      "[supervisord]\nenvironment=A=%(ENV_HOME)s\n[include]\nfiles=conf.d/*.ini none/*\n[program:a]\ncommand=x\n"
      "numprocs=3\nprocess_name=%(host_node_name)s-%(process_num)d\n[group:g]\nprograms=b\n"
      "[unix_http_server]\nfile=s\nchown=web:www\n";
  const auto [first, second] = load_twice({"supervisord", "-n"});
  ASSERT_TRUE(std::holds_alternative<Config>(first)) << std::get<LoadError>(first).text;
  ASSERT_TRUE(std::holds_alternative<Config>(second)) << std::get<LoadError>(second).text;
  EXPECT_EQ(std::get<Config>(first), std::get<Config>(second));
  EXPECT_EQ(std::get<Config>(second).groups.size(), 2u);
}

TEST_F(ReplayTest, EqualErrors) {
  world_.files["/etc/a.conf"] = "[supervisord]\n[program:a]\ncommand=x\nuser=nobody\n";
  const auto [first, second] = load_twice(argv_);
  ASSERT_TRUE(std::holds_alternative<LoadError>(first) && std::holds_alternative<LoadError>(second));
  EXPECT_EQ(std::get<LoadError>(first).text, std::get<LoadError>(second).text);
  EXPECT_EQ(std::get<LoadError>(second).where, "/etc/a.conf:4");
}

}  // namespace
}  // namespace upkeep::config
