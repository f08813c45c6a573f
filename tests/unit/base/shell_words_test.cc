#include "base/shell_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace upkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> words(std::string_view text) {
  auto result = split_shell_words(text);
  EXPECT_TRUE(result) << result.error().text;
  return result ? *result : std::vector<std::string>{};
}

std::string error(std::string_view text) {
  const auto result = split_shell_words(text);
  return result ? "no error" : result.error().text;
}

TEST(ShellWords, SeparatesAtBlanks) {
  EXPECT_THAT(words(""), IsEmpty());
  EXPECT_THAT(words(" \t\r\n"), IsEmpty());
  EXPECT_THAT(words("a"), ElementsAre("a"));
  EXPECT_THAT(words("  a\tb\n c\r d  "), ElementsAre("a", "b", "c", "d"));
}

TEST(ShellWords, SingleQuotesAreLiteral) {
  EXPECT_THAT(words(R"('a b' 'c\d' 'e"f')"), ElementsAre("a b", R"(c\d)", "e\"f"));
  EXPECT_THAT(words("'' a''b"), ElementsAre("", "ab"));
}

TEST(ShellWords, DoubleQuotesKnowTwoEscapes) {
  EXPECT_THAT(words(R"("a b" "c\"d" "e\\f" "g\h" "it's")"), ElementsAre("a b", "c\"d", R"(e\f)", R"(g\h)", "it's"));
  EXPECT_THAT(words(R"("")"), ElementsAre(""));
  EXPECT_THAT(words("x\"y z\"'1 2'w"), ElementsAre("xy z1 2w"));
}

TEST(ShellWords, BackslashEscapesAnythingOutsideQuotes) {
  EXPECT_THAT(words(R"(a\ b \' \\ \n)"), ElementsAre("a b", "'", "\\", "n"));
  EXPECT_THAT(words("a\\\nb"), ElementsAre("a\nb"));
}

TEST(ShellWords, NothingElseIsSpecial) {
  EXPECT_THAT(words("a#b # ; | && $X ~ *"), ElementsAre("a#b", "#", ";", "|", "&&", "$X", "~", "*"));
}

TEST(ShellWords, SaysWhatIsUnbalanced) {
  EXPECT_EQ(error("a 'b"), "No closing quotation");
  EXPECT_EQ(error("a \"b"), "No closing quotation");
  EXPECT_EQ(error("it's"), "No closing quotation");
  EXPECT_EQ(error("a\\"), "No escaped character");
  EXPECT_EQ(error("\"a\\"), "No escaped character");
  EXPECT_EQ(error("'a\\"), "No closing quotation");
}

}  // namespace
}  // namespace upkeep
