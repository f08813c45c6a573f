#include "rpc/web_text.h"

#include <gtest/gtest.h>

namespace upkeep::rpc {
namespace {

TEST(WebText, MarkupIsHarmless) {
  EXPECT_EQ(html("<b a='1' c=\"2\">&amp;"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;");
  EXPECT_EQ(html(""), "");
}

TEST(WebText, OnlyCharactersOfAPageComeOut) {
  EXPECT_EQ(html("tab\tline\r\n"), "tab\tline\r\n");
  EXPECT_EQ(html("z\xc3\xbcrich \xf0\x9f\x98\x80"), "z\xc3\xbcrich \xf0\x9f\x98\x80");
  EXPECT_EQ(html(std::string_view{"\0", 1}), "\xe2\x90\x80");  // ␀
  EXPECT_EQ(html("\x1b[31m"), "\xe2\x90\x9b[31m");             // ␛
  EXPECT_EQ(html("\x7f"), "\xe2\x90\xa1");                     // ␡
  EXPECT_EQ(html("a\xff\xc3"), "a\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(html("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // a surrogate
  EXPECT_EQ(html("\xef\xbf\xbf"), "\xef\xbf\xbd");                          // U+FFFF, which XML forbids
}

TEST(WebText, QuotesForAddresses) {
  EXPECT_EQ(url_quote("Az09_.-~/"), "Az09_.-~/");
  EXPECT_EQ(url_quote("a b:c&d=e\r\n\xc3\xbc"), "a%20b%3Ac%26d%3De%0D%0A%C3%BC");
}

TEST(WebText, RepairsUtf8) {
  EXPECT_EQ(repaired_utf8("a\xff\xc3\xbc\xc3"), "a\xef\xbf\xbd\xc3\xbc\xef\xbf\xbd");
  EXPECT_EQ(repaired_utf8("a\r\n"), "a\r\n");
}

}  // namespace
}  // namespace upkeep::rpc
