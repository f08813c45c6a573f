#include "config/ini.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace upkeep::config {
namespace {

using testing::ElementsAre;

Ini parsed(std::string_view text) {
  Ini ini;
  const auto result = ini.parse(text, "a.conf");
  EXPECT_TRUE(result) << result.error().text;
  return ini;
}

// The value of [s] key, or "(none)".
std::string value(const Ini& ini, std::string_view key, std::string_view section = "s") {
  const Section* found = ini.find(section);
  const Value* text = found ? ini.value(*found, key) : nullptr;
  return text ? text->text : "(none)";
}
std::string value(std::string_view text, std::string_view key) { return value(parsed(text), key); }

void expect_error(std::string_view text, std::string_view words, std::string_view where) {
  Ini ini;
  const auto result = ini.parse(text, "a.conf");
  ASSERT_FALSE(result) << text;
  EXPECT_EQ(result.error().text, words);
  EXPECT_EQ(result.error().where, where);
}

TEST(Ini, CommentsNeedTheStartOrABlank) {
  EXPECT_EQ(value("[s]\nk=a ; b", "k"), "a");
  EXPECT_EQ(value("[s]\nk=a\t# b", "k"), "a");
  EXPECT_EQ(value("[s]\nk=a; b", "k"), "a; b");
  EXPECT_EQ(value("[s]\nk=a#b", "k"), "a#b");
  EXPECT_EQ(value("[s]\nk=bash -c 'a ; b'", "k"), "bash -c 'a");
  EXPECT_EQ(value("[s]\n;k=a\n  # k=b\n", "k"), "(none)");
  EXPECT_EQ(value("[s]\nk=a\u00a0;b", "k"), "a");
  EXPECT_EQ(value("[s]\nk=a#b # c ; d", "k"), "a#b # c") << "both marks are searched in step";
}

TEST(Ini, DeeperLinesContinueAValue) {
  EXPECT_EQ(value("[s]\nk=a\n  b\n\tc=d\n [x]", "k"), "a\nb\nc=d\n[x]");
  EXPECT_EQ(value("[s]\n  k=a\n  j=b", "j"), "b") << "the first key sets the level";
  EXPECT_EQ(value("[s]\nk=a\n; comment\n  b", "k"), "a\nb") << "a comment does not end the value";
  EXPECT_EQ(value("[s]\nk=a\n\n\n  b\n\n", "k"), "a\n\n\nb") << "blank lines at the end vanish";
  EXPECT_EQ(value("[s]\nk=\n  b", "k"), "\nb");
  EXPECT_EQ(value("[s]\n  j=b", "j"), "b") << "a section does not begin with a continuation";
  EXPECT_EQ(value("[s]\nk=a\n\u00a0b", "k"), "a\nb");
}

TEST(Ini, KeysAndDelimiters) {
  EXPECT_EQ(value("[s]\nKeY = v ", "key"), "v");
  EXPECT_EQ(value("[s]\na:b=c", "a"), "b=c");
  EXPECT_EQ(value("[s]\na = b:c", "a"), "b:c");
  EXPECT_EQ(value("[s]\na=", "a"), "");
  EXPECT_EQ(value("[s]\na=1\na=2", "a"), "2");
  EXPECT_EQ(value("[s]\na=\"x\"", "a"), "\"x\"");
}

TEST(Ini, HeadersAreGreedyAndMerge) {
  const Ini ini = parsed("[s] junk\na=1\n[t]]\n[ s ]\n[s]\nb=2\n");
  ASSERT_EQ(ini.sections().size(), 3u);
  EXPECT_EQ(ini.sections()[0].name, "s");
  EXPECT_EQ(ini.sections()[1].name, "t]");
  EXPECT_EQ(ini.sections()[2].name, " s ");
  EXPECT_EQ(value(ini, "a"), "1");
  EXPECT_EQ(value(ini, "b"), "2");
  EXPECT_EQ(value("[s]\n[program:foo\n", "[program"), "foo") << "without a bracket it is a key";
}

TEST(Ini, AllLineEndsAndAByteOrderMark) {
  EXPECT_EQ(value("\xef\xbb\xbf[s]\r\nk=a\r\n  b\rj=c\n", "k"), "a\nb");
  EXPECT_EQ(value("[s]\rk=a\rj=c", "j"), "c");
}

TEST(Ini, DefaultShinesThrough) {
  const Ini ini = parsed("[DEFAULT]\na=1\nb=2\n[s]\nb=3\n");
  ASSERT_EQ(ini.sections().size(), 1u);
  EXPECT_EQ(value(ini, "a"), "1");
  EXPECT_EQ(value(ini, "b"), "3");
  EXPECT_THAT(ini.keys(ini.sections()[0]), ElementsAre("a", "b"));
}

TEST(Ini, KeepsOrigins) {
  Ini ini = parsed("\n[s]\na=1\n  x\nb=2\n");
  ASSERT_TRUE(ini.parse("[s]\n\nb=3\n[t]\n", "b.conf"));
  const Section& s = *ini.find("s");
  EXPECT_EQ(s.origin.text(), "a.conf:2");
  EXPECT_EQ(ini.value(s, "a")->origin.text(), "a.conf:3");
  EXPECT_EQ(ini.value(s, "b")->origin.text(), "b.conf:3");
  EXPECT_EQ(ini.find("t")->origin.text(), "b.conf:4");
}

TEST(Ini, ReplacesHere) {
  Ini ini = parsed("[DEFAULT]\nd=%(here)s\n[s]\na=x%(here)s/%%(here)s\n");
  ini.replace_here("/one");
  EXPECT_EQ(value(ini, "a"), "x/one/%/one");
  EXPECT_EQ(value(ini, "d"), "/one");
  ASSERT_TRUE(ini.parse("[t]\nb=%(here)s\n", "b.conf"));
  ini.replace_here("/two");
  EXPECT_EQ(value(ini, "d", "t"), "/two") << "a default takes the folder of the file that brought the section";
  EXPECT_EQ(value(ini, "d"), "/one");
  ini.replace_here("%(here)s/x");  // ends, although the replacement holds the text
}

TEST(Ini, RefusesLinesAheadOfAnyHeader) {
  expect_error("\n; c\n k = v # c\n", "File contains no section headers.\nfile: 'a.conf', line: 3\n' k = v # c\\n'",
               "a.conf:3");
}

TEST(Ini, RefusesLinesThatAreNeither) {
  expect_error(
      "[s]\nnope\nk=v\n= v\r\n[]",
      "Source contains parsing errors: 'a.conf'\n\t[line  2]: 'nope\\n'\n\t[line  4]: '= v\\n'\n\t[line  5]: '[]'",
      "a.conf:2");
}

TEST(Ini, RefusesWhatIsNotUtf8) {
  expect_error("[s]\nk=\xff", "'utf-8' codec can't decode byte 0xff in position 6: invalid start byte", "a.conf:2");
}

}  // namespace
}  // namespace upkeep::config
