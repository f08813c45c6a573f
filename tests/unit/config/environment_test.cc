#include "config/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace upkeep::config {
namespace {

// "A=1|B=2", or the error.
std::string pairs(std::string_view text) {
  const auto result = parse_environment(text);
  if (!result) return result.error().text;
  std::string out;
  for (const auto& [name, value] : *result) out += (out.empty() ? "" : "|") + name + "=" + value;
  return out;
}

TEST(Environment, Pairs) {
  for (const char* text : {"A=1,B=2", "A=1 , B = 2 ", "A=1,\nB=2", "B=2,A=1,", "A=1;B=2"})
    EXPECT_EQ(pairs(text), "A=1|B=2");
  EXPECT_EQ(pairs(""), "");
  EXPECT_EQ(pairs("A=1,A=2"), "A=2");
  EXPECT_EQ(pairs("A=/x/y.z+-():"), "A=/x/y.z+-():");
}

TEST(Environment, Quotes) {
  EXPECT_EQ(pairs("A=\"x,y\",B='z'"), "A=x,y|B=z");
  EXPECT_EQ(pairs("A=\"\""), "A=");
  EXPECT_EQ(pairs("A=\"it's\""), "A=it's");
  EXPECT_EQ(pairs("A=\"'x'\""), "A=x") << "quotes of both kinds are stripped";
  EXPECT_EQ(pairs("A=\"a\\\"b\""), "A=a\\") << "a backslash is no escape";
  EXPECT_EQ(pairs("A=\"\\\\d\""), "A=\\\\d");
  EXPECT_EQ(pairs("A=foo\"bar baz\""), "A=foo\"bar");
  EXPECT_EQ(pairs("\"A\"=1"), "\"A\"=1");
  EXPECT_EQ(pairs("A='x"), "No closing quotation");
}

TEST(Environment, OtherCharactersAreWordsOfTheirOwn) {
  EXPECT_EQ(pairs("A=~/x"), "A=~");
  EXPECT_EQ(pairs("A=$HOME"), "A=$");
  EXPECT_EQ(pairs("A=*"), "A=*");
  EXPECT_EQ(pairs("A=ä"), "A=ä") << "a character, not a byte";
  EXPECT_EQ(pairs("A=foo bar"), "A=foo");
}

TEST(Environment, Comments) {
  EXPECT_EQ(pairs("A=a#b,B=2"), "A=a");
  EXPECT_EQ(pairs("A=1 #,B=2"), "A=1");
  EXPECT_EQ(pairs("A=a#b\nc,B=2"), "A=ac|B=2") << "a word goes on after a comment";
}

TEST(Environment, Unfinished) {
  for (const char* text : {"A", "A=", "A=,B=1", "A=1 B=2", "A=1,,B=2", "A=a=b", "A=x@y", "A=http://h/?q", "="})
    EXPECT_EQ(pairs(text), std::string{"Unexpected end of key/value pairs in value '"} + text + "'");
}

TEST(Environment, Merged) {
  EXPECT_EQ(merged({{"A", "1"}, {"B", "1"}}, {{"B", "2"}, {"C", "2"}}),
            (Environment{{"A", "1"}, {"B", "2"}, {"C", "2"}}));
}

}  // namespace
}  // namespace upkeep::config
