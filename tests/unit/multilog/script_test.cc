#include "multilog/script.h"

#include <gtest/gtest.h>

namespace upkeep::multilog {
namespace {

Script original(const std::vector<std::string>& words) { return parse_script(words, Dialect::Original); }
Script encore(const std::vector<std::string>& words) { return parse_script(words, Dialect::Encore); }

DirectorySettings only_directory(const Script& script) {
  EXPECT_EQ(script.directories.size(), 1U);
  return script.directories.empty() ? DirectorySettings{} : script.directories.front();
}

TEST(Script, KnowsEveryAction) {
  const Script script = original({"t", "-*", "+a", "e", "=status", "s5000", "n3", "!gzip", "./main", "/var/log/x"});
  EXPECT_EQ(script.stamp, StampFormat::Tai64n);
  const DirectorySettings settings{"./main", 5000, 3, "gzip", "s"};
  DirectorySettings second = settings;
  second.path = "/var/log/x";
  EXPECT_EQ(script.directories, (std::vector{settings, second}));
  EXPECT_EQ(script.status_files, std::vector<std::string>{"status"});
  EXPECT_EQ(script.actions, (std::vector<Action>{Deselect{{"*"}}, Select{{"a"}}, ToStandardError{}, ToStatusFile{0},
                                                 ToDirectory{0}, ToDirectory{1}}));
}

TEST(Script, IgnoresWhatItDoesNotKnow) {
  EXPECT_EQ(original({"", "main", "x", "?", "T", "F", "S", "wgz", "h"}), Script{});
  EXPECT_EQ(original({}), Script{});
}

TEST(Script, StampsOnlyAsFirstWord) {
  EXPECT_EQ(original({"tea"}).stamp, StampFormat::Tai64n);
  EXPECT_EQ(original({"e", "t"}).stamp, StampFormat::None);
  EXPECT_EQ(original({"h"}).stamp, StampFormat::Date);
  EXPECT_EQ(original({"hT"}).stamp, StampFormat::DateT);
  EXPECT_EQ(original({"e", "h"}).stamp, StampFormat::None);
  EXPECT_EQ(original({"hello"}).stamp, StampFormat::None);
  EXPECT_EQ(encore({"T"}).stamp, StampFormat::Seconds);
  EXPECT_EQ(encore({"e", "T"}).stamp, StampFormat::None);
}

TEST(Script, NumbersAreClamped) {
  const auto size = [](const char* word, Dialect dialect) {
    return only_directory(parse_script({word, "./d"}, dialect)).file_bytes;
  };
  EXPECT_EQ(size("s1", Dialect::Original), 4096U);
  EXPECT_EQ(size("sabc", Dialect::Original), 4096U);
  EXPECT_EQ(size("s5000x9", Dialect::Original), 5000U);
  EXPECT_EQ(size("s99999999", Dialect::Original), 16777215U);
  EXPECT_EQ(size("s99999999999999999999999", Dialect::Original), 16777215U);
  EXPECT_EQ(size("s99999999", Dialect::Encore), 99999999U);
  EXPECT_EQ(size("s9999999999", Dialect::Encore), 2147483647U);
  EXPECT_EQ(only_directory(original({"./d"})).file_bytes, 99999U);
  EXPECT_EQ(only_directory(original({"./d"})).files, 10U);
  EXPECT_EQ(only_directory(original({"n1", "./d"})).files, 2U);
}

TEST(Script, SettingsCountForWhatFollows) {
  const Script script = original({"./a", "!cat", "n4", "./b", "!", "./c"});
  EXPECT_EQ(script.directories[0].processor, std::nullopt);
  EXPECT_EQ(script.directories[1].processor, "cat");
  EXPECT_EQ(script.directories[1].files, 4U);
  EXPECT_EQ(script.directories[2].processor, "");
}

TEST(Script, EncoreChoosesSyntaxAndSuffix) {
  const Script script = encore({"-a", "F", "-b", "S", "-c", "wgz", "./d"});
  EXPECT_EQ(script.actions[0], Action{(Deselect{{"a", PatternSyntax::Simple}})});
  EXPECT_EQ(script.actions[1], Action{(Deselect{{"b", PatternSyntax::Shell}})});
  EXPECT_EQ(script.actions[2], Action{(Deselect{{"c", PatternSyntax::Simple}})});
  EXPECT_EQ(only_directory(script).finished_suffix, "gz");
}

}  // namespace
}  // namespace upkeep::multilog
