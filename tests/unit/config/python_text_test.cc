#include "config/python_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace upkeep::config {
namespace {

using testing::ElementsAre;

std::string decode_words(std::string_view bytes) {
  const auto error = decode_error(bytes);
  return error ? error->text : "valid";
}

TEST(PythonText, DecodeErrorsInPythonsWords) {
  EXPECT_EQ(decode_words("aä€\U0001f600"), "valid");
  EXPECT_EQ(decode_words("a\x80"), "'utf-8' codec can't decode byte 0x80 in position 1: invalid start byte");
  EXPECT_EQ(decode_words("\xc0\x80"), "'utf-8' codec can't decode byte 0xc0 in position 0: invalid start byte");
  EXPECT_EQ(decode_words("\xe2x"), "'utf-8' codec can't decode byte 0xe2 in position 0: invalid continuation byte");
  EXPECT_EQ(decode_words("\xe2\x82x"), "'utf-8' codec can't decode bytes in position 0-1: invalid continuation byte");
  EXPECT_EQ(decode_words("\xed\xa0\x80"),
            "'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte")
      << "a surrogate";
  EXPECT_EQ(decode_words("\xf4\x90\x80\x80"),
            "'utf-8' codec can't decode byte 0xf4 in position 0: invalid continuation byte");
  EXPECT_EQ(decode_words("a\xc3"), "'utf-8' codec can't decode byte 0xc3 in position 1: unexpected end of data");
  EXPECT_EQ(decode_words("\xf0\x9f\x98"), "'utf-8' codec can't decode bytes in position 0-2: unexpected end of data");
}

TEST(PythonText, UnicodeSpaces) {
  EXPECT_EQ(trim_spaces("\u00a0\u2003 \x1c a b\u3000\n"), "a b");
  EXPECT_EQ(trim_spaces("\u200b"), "\u200b") << "a zero width space is none";
  EXPECT_EQ(trim_spaces(" \t "), "");
  EXPECT_EQ(trim_end_spaces(" a "), " a");
  EXPECT_EQ(count_leading_spaces("\u3000\t x"), 3u);
  EXPECT_TRUE(ends_in_space("a\u2028"));
  EXPECT_FALSE(ends_in_space(""));
  EXPECT_THAT(split_at_spaces(" a\u00a0b\n c "), ElementsAre("a", "b", "c"));
}

TEST(PythonText, CountsCharacters) {
  EXPECT_EQ(count_characters("aä€\U0001f600"), 4u);
  EXPECT_EQ(character_bytes("€x"), 3u);
}

TEST(PythonText, Integers) {
  EXPECT_EQ(python_int("42").value(), 42);
  EXPECT_EQ(python_int(" +1_000\u00a0").value(), 1000);
  EXPECT_EQ(python_int("-007").value(), -7);
  EXPECT_EQ(python_int("99999999999999999999").value(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(python_int("-99999999999999999999").value(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(python_int("0o17", 8).value(), 15);
  EXPECT_EQ(python_int("0O_17", 8).value(), 15);
  EXPECT_EQ(python_int("17", 8).value(), 15);
  for (const char* bad : {"", " ", "+", "--1", "1__0", "_1", "1_", "0x1", "1.5", "1 2", "0o7", "a"})
    EXPECT_FALSE(python_int(bad)) << bad;
  EXPECT_FALSE(python_int("8", 8));
  EXPECT_FALSE(python_int("0o", 8));
  EXPECT_EQ(python_int(" it's").error().text, "invalid literal for int() with base 10: \" it's\"");
}

}  // namespace
}  // namespace upkeep::config
