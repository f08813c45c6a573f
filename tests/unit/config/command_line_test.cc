#include "config/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/keys.h"
#include "fakes/fake_world.h"

namespace upkeep::config {
namespace {

using Words = std::vector<std::string>;

auto parse(Words words) {
  FakeWorld world;
  words.insert(words.begin(), "supervisord");
  return parse_command_line(words, world);
}

CommandLine good(const Words& words) {
  auto parsed = parse(words);
  if (auto* line = std::get_if<CommandLine>(&parsed)) return *line;
  const auto* error = std::get_if<LoadError>(&parsed);
  ADD_FAILURE() << (error ? error->text : "help or version");
  return {};
}

std::string bad(const Words& words) {
  const auto parsed = parse(words);
  const auto* error = std::get_if<LoadError>(&parsed);
  return error ? error->text : "no error";
}

TEST(CommandLine, ShortOptions) {
  EXPECT_EQ(good({"-c", "x"}).file, "x");
  EXPECT_EQ(good({"-nkcx"}).file, "x");
  EXPECT_EQ(good({"-nkcx"}).values.size(), 2u);
  EXPECT_EQ(good({"-iX", "-e", "debug"}).values,
            (std::map<std::string, std::string>{{"identifier", "X"}, {"loglevel", "debug"}}));
  EXPECT_EQ(good({"-i", "-n"}).values.at("identifier"), "-n") << "an argument may look like an option";
  EXPECT_EQ(good({"-n", "--"}).values.size(), 1u);
}

TEST(CommandLine, LongOptions) {
  EXPECT_EQ(good({"--configuration=x"}).file, "x");
  EXPECT_EQ(good({"--conf", "x"}).file, "x") << "a unique prefix";
  EXPECT_EQ(good({"--logfile", "x"}).values.at("logfile"), "x") << "an exact name wins over longer ones";
  EXPECT_EQ(good({"--identifier="}).values.at("identifier"), "");
  EXPECT_EQ(good({"--minprocs=3"}).values.at("minprocs"), "3");
  EXPECT_TRUE(good({"--profile_options=x"}).values.empty());
}

TEST(CommandLine, HelpAndVersion) {
  for (const char* word : {"-h", "-?", "--help", "--h"})
    EXPECT_TRUE(std::holds_alternative<HelpWanted>(parse({word}))) << word;
  for (const char* word : {"-v", "--version"})
    EXPECT_TRUE(std::holds_alternative<VersionWanted>(parse({word}))) << word;
  EXPECT_TRUE(std::holds_alternative<HelpWanted>(parse({"-n", "-h", "-n"}))) << "options count in their order";
  EXPECT_EQ(bad({"-n", "-n", "-h"}), "conflicting command line option '-n'");
}

TEST(CommandLine, Errors) {
  EXPECT_EQ(bad({"-x"}), "option -x not recognized");
  EXPECT_EQ(bad({"--foo"}), "option --foo not recognized");
  EXPECT_EQ(bad({"--foo=1"}), "option --foo not recognized");
  EXPECT_EQ(bad({"-c"}), "option -c requires argument");
  EXPECT_EQ(bad({"--conf"}), "option --configuration requires argument");
  EXPECT_EQ(bad({"--nodaemon=1"}), "option --nodaemon must not have an argument");
  EXPECT_EQ(bad({"--log", "x"}), "option --log not a unique prefix");
  EXPECT_EQ(bad({"-n", "--nodaemon"}), "conflicting command line option '--nodaemon'");
  EXPECT_EQ(bad({"-ca", "-cb"}), "conflicting command line option '-c'");
  EXPECT_EQ(bad({"foo", "-x"}), "positional arguments are not supported: ['foo', '-x']");
  EXPECT_EQ(bad({"-n", "--", "it's"}), "positional arguments are not supported: [\"it's\"]");
  EXPECT_EQ(bad({"-"}), "positional arguments are not supported: ['-']");
  EXPECT_EQ(bad({"-e", "foo"}), "invalid value for -e 'foo': bad logging level name 'foo'");
  EXPECT_EQ(bad({"--loglev=foo"}), "invalid value for --loglevel 'foo': bad logging level name 'foo'");
  EXPECT_EQ(bad({"-a", "x"}), "invalid value for -a 'x': invalid literal for int() with base 10: 'x'");
  EXPECT_EQ(bad({"-d/no"}), "invalid value for -d '/no': /no is not an existing directory");
}

TEST(CommandLine, UsageNamesEveryOption) {
  const std::string text = supervisord_usage("/usr/bin/supervisord");
  EXPECT_THAT(text, testing::StartsWith("Usage: /usr/bin/supervisord [options]\n"));
  EXPECT_THAT(text, testing::EndsWith("\n\n"));
  EXPECT_THAT(text, testing::Not(testing::EndsWith("\n\n\n")));
  for (const auto& setting : daemon_table()) {
    if (!setting.key.option) continue;
    EXPECT_THAT(text, testing::HasSubstr("--" + std::string{setting.key.name}));
    if (setting.key.option->letter == 0) continue;
    EXPECT_THAT(text, testing::HasSubstr(std::string{"  -"} + setting.key.option->letter + ", --"));
  }
  for (const char* name : {"-c, --configuration VALUE", "-h, -?, --help", "-v, --version", "--profile_options"})
    EXPECT_THAT(text, testing::HasSubstr(name));
}

}  // namespace
}  // namespace upkeep::config
