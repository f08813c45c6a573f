#include "ctl/options.h"

#include <gtest/gtest.h>

#include "ctl/input_line.h"
#include "ctl/namespec.h"
#include "ctl/target.h"

namespace upkeep::ctl {
namespace {

Options accepted(const std::vector<std::string>& words) {
  const auto parsed = parse_options(words);
  const auto* options = std::get_if<Options>(&parsed);
  EXPECT_TRUE(options);
  return options ? *options : Options{};
}

std::string refused(const std::vector<std::string>& words) {
  const auto parsed = parse_options(words);
  const auto* error = std::get_if<UsageError>(&parsed);
  return error ? error->text : "";
}

TEST(Options, EndAtTheFirstWordThatIsNone) {
  const Options options = accepted({"-c", "f", "-iujoe", "tail", "-f", "x"});
  EXPECT_EQ(options.configuration, "f");
  EXPECT_EQ(options.username, "joe");
  EXPECT_TRUE(options.interactive);
  EXPECT_EQ(options.action, (std::vector<std::string>{"tail", "-f", "x"}));
  EXPECT_EQ(accepted({"-i", "--", "-x"}).action, std::vector<std::string>{"-x"});
  EXPECT_EQ(accepted({"-"}).action, std::vector<std::string>{"-"});
}

TEST(Options, MayBeShortened) {
  EXPECT_EQ(accepted({"--serv", "unix:///x"}).server_url, "unix:///x");
  EXPECT_EQ(accepted({"--pass="}).password, "");
}

TEST(Options, TakeBothSpellingsOfTheHistoryFile) {
  EXPECT_EQ(accepted({"--history_file=h"}).history_file, "h");
  EXPECT_EQ(accepted({"--history-file", "h"}).history_file, "h");
  EXPECT_EQ(accepted({"--hist", "h"}).history_file, "h");
}

TEST(Options, SayWhatIsWrong) {
  EXPECT_EQ(refused({"-x"}), "option -x not recognized");
  EXPECT_EQ(refused({"--bogus=1"}), "option --bogus not recognized");
  EXPECT_EQ(refused({"--h"}), "option --h not a unique prefix");
  EXPECT_EQ(refused({"-c"}), "option -c requires argument");
  EXPECT_EQ(refused({"--conf"}), "option --configuration requires argument");
  EXPECT_EQ(refused({"--help=1"}), "option --help must not have an argument");
  EXPECT_EQ(refused({"-u", "a", "--user=b"}), "conflicting command line option '--username'");
  EXPECT_EQ(refused({"-ii"}), "conflicting command line option '-i'");
  EXPECT_EQ(refused({"-s", "x"}), "invalid value for -s 'x': value 'x' is not a URL");
  EXPECT_EQ(refused({"-s", "1:x"}), "invalid value for -s '1:x': value '1:x' is not a URL");
}

TEST(Options, AskForHelpOnlyWhenAllCanBeUnderstood) {
  EXPECT_TRUE(std::holds_alternative<HelpWanted>(parse_options({"-?", "-u", "a", "-u", "b"})));
  EXPECT_EQ(refused({"-h", "-x"}), "option -x not recognized");
}

TEST(InputLine, TakesTheLeadingWordCharacters) {
  const InputLine line = parse_input_line("  tail-f  a b ");
  EXPECT_EQ(line.text, "tail-f  a b");
  EXPECT_EQ(line.command, "tail");
  EXPECT_EQ(line.argument, "-f  a b");
}

TEST(InputLine, ReadsAQuestionMarkAsHelp) {
  EXPECT_EQ(parse_input_line("?start").command, "help");
  EXPECT_EQ(parse_input_line("? start").argument, "start");
}

TEST(InputLine, MayNameNoCommand) {
  EXPECT_EQ(parse_input_line("!ls").command, "");
  EXPECT_EQ(parse_input_line("!ls").text, "!ls");
  EXPECT_EQ(parse_input_line(" \t ").text, "");
}

TEST(Namespec, SplitsAtTheFirstColon) {
  EXPECT_EQ(split_namespec("a:b:c").process, "b:c");
  EXPECT_EQ(split_namespec("a").process, "a");
  EXPECT_EQ(split_namespec("a:*").process, std::nullopt);
  EXPECT_EQ(split_namespec("a:").group, "a");
  EXPECT_EQ(make_namespec("a", "b"), "a:b");
  EXPECT_EQ(make_namespec("a", "a"), "a");
}

TEST(Url, GivesTheAddress) {
  EXPECT_EQ(parse_url("unix:///run/x.sock")->socket_path, "/run/x.sock");
  EXPECT_EQ(parse_url("http://Example.org/path")->host, "example.org");
  EXPECT_EQ(parse_url("http://Example.org/path")->port, 80);
  EXPECT_EQ(parse_url("http://joe:x@[::1]:9001?q")->host, "::1");
  EXPECT_EQ(parse_url("http://joe:x@[::1]:9001?q")->port, 9001);
}

TEST(Url, IsRefusedInPythonsWords) {
  EXPECT_EQ(parse_url("https://x").error().text, "Unknown protocol for serverurl https://x");
  EXPECT_EQ(parse_url("http://x:abc").error().text, "Port could not be cast to integer value as 'abc'");
  EXPECT_EQ(parse_url("http://x:65536").error().text, "Port out of range 0-65535");
}

TEST(Authorization, NeedsUserAndPassword) {
  EXPECT_EQ(authorization({"", "joe", "s3cret"}), "Basic am9lOnMzY3JldA==");
  EXPECT_EQ(authorization({"", "joe", std::nullopt}), std::nullopt);
}

}  // namespace
}  // namespace upkeep::ctl
