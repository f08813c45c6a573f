#include "multilog/pattern.h"

#include <gtest/gtest.h>

namespace upkeep::multilog {
namespace {

struct Case {
  const char* pattern;
  const char* line;
  bool simple;
  bool shell;
};

// The pairs that also Debian's multilog is asked (tests/differential/test_multilog.py); of fnmatch those that differ.
constexpr Case kCases[] = {
    {"", "", true, true},
    {"", "a", false, false},
    {"a", "a", true, true},
    {"A", "a", false, false},
    {"ab", "a", false, false},
    {"*", "", true, true},
    {"*a", "ba", true, true},
    {"*a", "baa", false, true},  // the star ends at the first a
    {"*a*", "baa", true, true},
    {"* one", "xy one", true, true},
    {"* one", "  one", false, true},
    {"* * one", "x y one", true, true},
    {"**", "a*b", true, true},
    {"**", "abc", false, true},  // the first star needs a star to stop at
    {"?", "a", false, true},
    {"[ab]c", "ac", false, true},
    {"\\*", "*", false, true},
};

TEST(Pattern, MatchesAsTheSyntaxSays) {
  for (const Case& one : kCases) {
    EXPECT_EQ(matches({one.pattern, PatternSyntax::Simple}, one.line), one.simple) << one.pattern << " on " << one.line;
    EXPECT_EQ(matches({one.pattern, PatternSyntax::Shell}, one.line), one.shell) << one.pattern << " on " << one.line;
  }
}

TEST(Pattern, SeesAThousandBytes) {
  const std::string thousand(1000, 'x');
  for (const auto syntax : {PatternSyntax::Simple, PatternSyntax::Shell}) {
    EXPECT_TRUE(matches({thousand, syntax}, thousand + "more"));
    EXPECT_FALSE(matches({thousand + "m", syntax}, thousand + "more"));
  }
}

TEST(Pattern, ZeroBytesAreBytesToSimpleOnesOnly) {
  const std::string line{"a\0b", 3};
  EXPECT_TRUE(matches({"a*b", PatternSyntax::Simple}, line));
  EXPECT_TRUE(matches({"a", PatternSyntax::Shell}, line));
}

}  // namespace
}  // namespace upkeep::multilog
