#include "engine/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "fakes/fake_control.h"
#include "fakes/fake_world.h"
#include "os/file.h"

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
  // As the next engine finds what this one deposited.
  Result<Configuration> recover() {
    deposits_.from_before = std::exchange(deposits_.kept, {});
    return recover_configuration(deposits_);
  }
  void deposit_bytes(const std::string& bytes) {
    deposits_.from_before[kConfigurationDeposit] = os::make_memfd("bytes", bytes, os::Sealing::Sealed).value();
  }

  FakeWorld world_;
  fakes::FakeDeposits deposits_;
};

// --- recovery

TEST_F(ConfigurationTest, IsTheSameForTheNextEngineWhateverTheDiskSays) {
  const Configuration loaded = good({"-n", "-e", "debug"});
  EXPECT_EQ(loaded.config.daemon.logfile, "/tmp/first.log");
  ASSERT_EQ(loaded.config.groups.size(), 2u);
  ASSERT_TRUE(deposit_configuration(loaded, deposits_));

  world_.files["/etc/a.conf"] = "[supervisord]\nlogfile=/tmp/elsewhere\n";
  world_.files.erase("/etc/a.d/cat.conf");
  world_.variables.clear();
  world_.users.clear();
  world_.host = "renamed";

  const auto recovered = recover();
  ASSERT_TRUE(recovered) << recovered.error().text;
  EXPECT_EQ(recovered->config, loaded.config);
  EXPECT_TRUE(recovered->config.daemon.no_daemon);
  EXPECT_EQ(recovered->config.daemon.log_level, LogLevel::Debug);
  EXPECT_THAT(recovered->setting.environment, ElementsAre(Pair("NAME", "first"), Pair("PATH", "/bin")));
  EXPECT_NE(good().config.daemon.logfile, loaded.config.daemon.logfile) << "the disk has changed indeed";
}

TEST_F(ConfigurationTest, KeepsTheLimitsThatProgramsInherit) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  ASSERT_TRUE(deposit_configuration(good(), deposits_));
  const rlimit lower{files.rlim_cur / 2, files.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lower), 0);
  const auto recovered = recover();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  ASSERT_TRUE(recovered);
  ASSERT_EQ(recovered->setting.limits.size(), 1u);
  EXPECT_EQ(recovered->setting.limits[0].resource, RLIMIT_NOFILE);
  EXPECT_EQ(recovered->setting.limits[0].soft, files.rlim_cur);
  EXPECT_EQ(recovered->setting.limits[0].hard, files.rlim_max);
}

TEST_F(ConfigurationTest, CanBeDepositedAgainByTheNextEngine) {
  const Configuration loaded = good();
  ASSERT_TRUE(deposit_configuration(loaded, deposits_));
  for (int engine = 0; engine < 3; ++engine) {
    const auto recovered = recover();
    ASSERT_TRUE(recovered);
    EXPECT_EQ(recovered->record, loaded.record);
    ASSERT_TRUE(deposit_configuration(*recovered, deposits_));
  }
}

TEST_F(ConfigurationTest, RecoveryNeedsADeposit) {
  const auto recovered = recover();
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().text, "the keeper holds no configuration");
}

TEST_F(ConfigurationTest, ADamagedDepositIsAnErrorWhereverItEnds) {
  const std::string record = good().record;
  for (std::size_t size = 0; size < record.size(); ++size) {
    deposit_bytes(record.substr(0, size));
    ASSERT_FALSE(recover_configuration(deposits_)) << size << " bytes of " << record.size();
  }
  deposit_bytes(record + "x");
  EXPECT_FALSE(recover_configuration(deposits_));
  deposit_bytes(record);
  EXPECT_TRUE(recover_configuration(deposits_));
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
