#include "daemontools/limit_setting.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace upkeep::daemontools {
namespace {

constexpr rlimit kCurrent{50, 100};

std::optional<rlim_t> soft(std::string_view setting) {
  const auto limit = limit_after(kCurrent, setting, Dialect::Original);
  if (!limit) return std::nullopt;
  EXPECT_EQ(limit->rlim_max, kCurrent.rlim_max) << "the hard limit stays";
  return limit->rlim_cur;
}

TEST(LimitSetting, SetsTheSoftLimit) {
  EXPECT_EQ(soft("20"), 20u);
  EXPECT_EQ(soft("100"), 100u);
  EXPECT_EQ(soft("0"), 0u);
}

TEST(LimitSetting, IsLoweredToTheHardLimit) {
  EXPECT_EQ(soft("101"), 100u);
  EXPECT_EQ(soft("="), 100u);
}

TEST(LimitSetting, IsTheOriginalsNumber) {
  EXPECT_EQ(soft(""), 0u);
  EXPECT_EQ(soft("18446744073709551617"), 1u) << "2^64 + 1 wraps around";
  for (const char* bad : {"x", "1k", "1 ", " 1", "+1", "-1", "==", "-"}) EXPECT_FALSE(soft(bad)) << bad;
}

TEST(LimitSetting, RemovesLimitsInEncore) {
  const auto limit = limit_after(kCurrent, "-", Dialect::Encore);
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit->rlim_cur, RLIM_INFINITY);
  EXPECT_EQ(limit->rlim_max, RLIM_INFINITY);
}

TEST(LimitNames, AreElevenWithMemoryLast) {
  std::set<char> letters;
  std::set<std::string> variables;
  for (const LimitName& name : limit_names()) {
    letters.insert(name.letter);
    variables.insert(name.variable);
  }
  EXPECT_EQ(letters, (std::set<char>{'a', 'c', 'd', 'f', 'l', 'm', 'o', 'p', 'r', 's', 't'}));
  EXPECT_EQ(variables.size(), letters.size());
  EXPECT_EQ(limit_names().back().letter, 'm');
  EXPECT_EQ(limit_names().back().resources.size(), 4u);
}

}  // namespace
}  // namespace upkeep::daemontools
