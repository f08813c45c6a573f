#include "engine/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_world.h"

namespace upkeep::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

class ConfigurationTest : public testing::Test {
 protected:
  ConfigurationTest() {
    world_.files["/etc/a.conf"] =
        "[supervisord]\nlogfile=/tmp/%(ENV_NAME)s.log\n"
        "[include]\nfiles=/etc/a.d/*.conf\n"
        "[program:web]\ncommand=/bin/web %(host_node_name)s\nuser=web\n";
    world_.files["/etc/a.d/cat.conf"] = "[program:cat]\ncommand=/bin/cat\n";
    world_.variables = {{"NAME", "first"}, {"PATH", "/bin"}};
  }
  ConfigurationOrFarewell load(std::vector<std::string> options = {}) {
    std::vector<std::string> argv{"/usr/bin/supervisord", "-c", "/etc/a.conf"};
    argv.insert(argv.end(), options.begin(), options.end());
    return load_configuration(argv, world_);
  }
  Configuration good(std::vector<std::string> options = {}) {
    auto loaded = load(std::move(options));
    if (auto* configuration = std::get_if<Configuration>(&loaded)) return std::move(*configuration);
    ADD_FAILURE() << std::get<Farewell>(loaded).err;
    return {};
  }
  Farewell farewell(std::vector<std::string> options = {}) {
    auto loaded = load(std::move(options));
    if (auto* farewell = std::get_if<Farewell>(&loaded)) return std::move(*farewell);
    ADD_FAILURE() << "it loads";
    return {};
  }
  FakeWorld world_;
};

// --- the record

TEST_F(ConfigurationTest, IsTheSameFromItsRecordWhateverTheDiskSays) {
  const Configuration loaded = good({"-n", "-e", "debug"});
  EXPECT_EQ(loaded.config.daemon.logfile, "/tmp/first.log");
  ASSERT_EQ(loaded.config.groups.size(), 2u);

  world_.files["/etc/a.conf"] = "[supervisord]\nlogfile=/tmp/elsewhere\n";
  world_.files.erase("/etc/a.d/cat.conf");
  world_.variables.clear();
  world_.users.clear();
  world_.host = "renamed";

  const auto replayed = replay_configuration(loaded.record);
  ASSERT_TRUE(replayed) << replayed.error().text;
  EXPECT_EQ(replayed->config, loaded.config);
  EXPECT_TRUE(replayed->config.daemon.no_daemon);
  EXPECT_EQ(replayed->config.daemon.log_level, LogLevel::Debug);
  EXPECT_THAT(replayed->environment, ElementsAre(Pair("NAME", "first"), Pair("PATH", "/bin")));
  EXPECT_EQ(replayed->record, loaded.record);
  EXPECT_NE(good().config.daemon.logfile, loaded.config.daemon.logfile) << "the disk has changed indeed";
}

TEST_F(ConfigurationTest, ADamagedRecordIsAnErrorWhereverItEnds) {
  const std::string record = good().record;
  for (std::size_t size = 0; size < record.size(); ++size)
    ASSERT_FALSE(replay_configuration(record.substr(0, size))) << size << " bytes of " << record.size();
  EXPECT_FALSE(replay_configuration(record + "x"));
}

// --- once more

TEST_F(ConfigurationTest, ARereadKeepsTheCommandLine) {
  world_.files["/etc/a.conf"] = "[supervisord]\nidentifier=b\nloglevel=warn\n";
  const std::vector<std::string> argv{"/usr/bin/supervisord", "-c", "/etc/a.conf", "-e", "debug"};
  const auto again = reload_configuration(argv, "/etc/a.conf", world_);
  const auto* configuration = std::get_if<Configuration>(&again);
  ASSERT_TRUE(configuration);
  EXPECT_EQ(configuration->config.daemon.identifier, "b");
  EXPECT_EQ(configuration->config.daemon.log_level, LogLevel::Debug);
}

TEST_F(ConfigurationTest, ARereadWithoutAnOptionReadsTheFileThatWasFound) {
  world_.files["/etc/supervisord.conf"] = "[supervisord]\nidentifier=found\n";
  world_.files["/usr/etc/supervisord.conf"] = "[supervisord]\nidentifier=came later\n";  // and would be found first
  const auto again = reload_configuration({"/usr/bin/supervisord", "-n"}, "/etc/supervisord.conf", world_);
  const auto* configuration = std::get_if<Configuration>(&again);
  ASSERT_TRUE(configuration);
  EXPECT_EQ(configuration->config.daemon.identifier, "found");
  const auto replayed = replay_configuration(configuration->record);
  ASSERT_TRUE(replayed);
  EXPECT_EQ(replayed->config, configuration->config);
}

TEST_F(ConfigurationTest, ARereadThatFailsSaysWhatAndWhere) {
  world_.files["/etc/a.conf"] = "[supervisord]\n[program:web]\n";
  const auto again = reload_configuration({"/usr/bin/supervisord", "-c", "/etc/a.conf"}, "/etc/a.conf", world_);
  const auto* error = std::get_if<config::LoadError>(&again);
  ASSERT_TRUE(error);
  EXPECT_THAT(error->text, StartsWith("program section program:web does not specify a command"));
  EXPECT_EQ(error->where, "/etc/a.conf:2");
}

// --- what is no daemon

TEST_F(ConfigurationTest, HelpAndVersionEndWell) {
  const Farewell version = farewell({"-v"});
  EXPECT_EQ(version.out, "4.3.0\n");
  EXPECT_EQ(version.exit_status, 0);
  const Farewell help = farewell({"-h"});
  EXPECT_THAT(help.out, HasSubstr("/usr/bin/supervisord"));
  EXPECT_THAT(help.err, IsEmpty());
  EXPECT_EQ(help.exit_status, 0);
}

TEST_F(ConfigurationTest, AnErrorIsToldInSupervisorsWordsThenInOurs) {
  world_.files["/etc/a.conf"] = "[supervisord]\n[program:web]\ncommand=x\npriority=high\n";
  const Farewell bad = farewell();
  EXPECT_EQ(bad.exit_status, 2);
  EXPECT_THAT(bad.out, IsEmpty());
  EXPECT_EQ(bad.err,
            "Error: invalid literal for int() with base 10: 'high'\n"
            "For help, use /usr/bin/supervisord -h\n"
            "The cause is at /etc/a.conf:4\n");
}

TEST_F(ConfigurationTest, AnErrorOfTheCommandLineIsAtNoLine) {
  const Farewell bad = farewell({"--nonsense"});
  EXPECT_EQ(bad.exit_status, 2);
  EXPECT_THAT(bad.err, StartsWith("Error: "));
  EXPECT_THAT(bad.err, testing::EndsWith("\nFor help, use /usr/bin/supervisord -h\n"));
}

}  // namespace
}  // namespace upkeep::engine
