#include "base/text.h"

#include <gtest/gtest.h>

namespace upkeep {
namespace {

using Words = std::vector<std::string>;

TEST(Text, TrimsAllAsciiBlanksAtBothEnds) {
  EXPECT_EQ(trim(" \t\r\n\v\fa b\n "), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(Text, SplitsAndKeepsEmptyFields) {
  EXPECT_EQ(split("a,,b,", ','), (Words{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), Words{""});
}

TEST(Text, SplitsAtRunsOfBlanks) {
  EXPECT_EQ(split_blanks("  a\t\tb\nc "), (Words{"a", "b", "c"}));
  EXPECT_TRUE(split_blanks(" \n").empty());
}

TEST(Text, ParsesWholeNumbersOnly) {
  EXPECT_EQ(parse_number("-12"), -12);
  EXPECT_EQ(parse_number("+7"), 7);
  for (const char* bad : {"", "+", "-", "+-1", "1x", " 1", "0x10", "99999999999999999999"})
    EXPECT_EQ(parse_number(bad), std::nullopt) << bad;
}

TEST(Text, ReprIsPythons) {
  EXPECT_EQ(python_repr("it"), "'it'");
  EXPECT_EQ(python_repr("it's"), "\"it's\"");
  EXPECT_EQ(python_repr("it's \"x\""), "'it\\'s \"x\"'");
  EXPECT_EQ(python_repr("a\\b\n\t\r\x01\x7f"), "'a\\\\b\\n\\t\\r\\x01\\x7f'");
  EXPECT_EQ(python_repr("grün"), "'grün'");
  EXPECT_EQ(python_bytes_repr("ok\xff\n\0"), "b'ok\\xff\\n'");
  EXPECT_EQ(python_bytes_repr("it's ü\x1b[m"), "b\"it's \\xc3\\xbc\\x1b[m\"");
}

}  // namespace
}  // namespace upkeep
