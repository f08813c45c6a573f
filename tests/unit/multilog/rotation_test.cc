#include "multilog/rotation.h"

#include <gtest/gtest.h>

#include <string>

namespace upkeep::multilog {
namespace {

constexpr std::uint64_t kSize = 4096;

TEST(Portion, EverythingWhileTheFileIsFarFromFull) {
  EXPECT_EQ(next_portion(0, kSize, "a\nb\n"), (Portion{4, false}));
  EXPECT_EQ(next_portion(2091, kSize, "a\nb\n"), (Portion{4, false}));
}

TEST(Portion, EndsAtTheFirstNewlineOfTheWindow) {
  EXPECT_EQ(next_portion(2092, kSize, "a\nb\nc\n"), (Portion{4, true}));  // 2096 bytes
  EXPECT_EQ(next_portion(2093, kSize, "a\nb\nc\n"), (Portion{4, true}));
  EXPECT_EQ(next_portion(2094, kSize, "a\nb\nc\n"), (Portion{2, true}));
  EXPECT_EQ(next_portion(4000, kSize, "a\n"), (Portion{2, true}));
  EXPECT_EQ(next_portion(0, kSize, std::string(3000, '\n')), (Portion{2096, true}));
}

TEST(Portion, CutsALineAtSize) {
  EXPECT_EQ(next_portion(0, kSize, std::string(9000, 'x')), (Portion{4096, false}));
  EXPECT_EQ(next_portion(4096, kSize, "x"), (Portion{0, true}));
  EXPECT_EQ(next_portion(9999, kSize, "x"), (Portion{0, true}));
  EXPECT_EQ(next_portion(4095, kSize, "x\n"), (Portion{1, false}));
  EXPECT_EQ(next_portion(4095, kSize, "\nx"), (Portion{1, true}));
}

// Any division of any input: files end at a newline in the window, or are full.
TEST(Portion, DivisionDependsOnTheBytesAlone) {
  std::string input;
  for (std::size_t line = 0; line < 300; ++line) input += std::string(line * 37 % 2500, 'x') + "\n";
  const auto files_of = [&](std::size_t piece) {
    std::vector<std::uint64_t> sizes;
    std::uint64_t written = 0;
    for (std::size_t at = 0; at < input.size(); at += piece) {
      std::string_view rest = std::string_view{input}.substr(at, piece);
      while (!rest.empty()) {
        const Portion portion = next_portion(written, kSize, rest);
        written += portion.bytes;
        rest.remove_prefix(portion.bytes);
        if (portion.completes_file) sizes.push_back(std::exchange(written, 0));
      }
    }
    return sizes;
  };
  const auto sizes = files_of(input.size());
  std::size_t at = 0;
  for (const std::uint64_t size : sizes) {
    at += size;
    EXPECT_TRUE(size == kSize || (size >= kSize - kEndWindowBytes && size < kSize && input[at - 1] == '\n')) << size;
  }
  for (const std::size_t piece : {1u, 100u, 1000u, 4096u, 5000u}) EXPECT_EQ(files_of(piece), sizes) << piece;
}

TEST(ExcessFiles, TheOldestGo) {
  const auto name = [](char digit) { return "@" + std::string(24, digit) + ".s"; };
  EXPECT_EQ(excess_files({name('3'), "current", name('1'), "lock", name('2')}, 3),
            (std::vector<std::string>{name('1')}));
  EXPECT_EQ(excess_files({name('3'), name('1'), name('2')}, 2), (std::vector<std::string>{name('1'), name('2')}));
  EXPECT_EQ(excess_files({name('3'), name('1')}, 3), std::vector<std::string>{});
  EXPECT_EQ(excess_files({"@short", "@" + std::string(23, '0'), name('1')}, 2), std::vector<std::string>{});
  EXPECT_EQ(excess_files({}, 2), std::vector<std::string>{});
}

TEST(StartPlan, ACompleteCurrentIsContinued) {
  const Plan plan = start_plan({0744, 0644, 0744}, "s");
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<ContinueCurrent>(plan[0]));
}

TEST(StartPlan, NothingIsPurgedWhereNothingIsFinished) {
  for (const Step& step : start_plan({}, "s")) EXPECT_FALSE(std::holds_alternative<Purge>(step));
}

}  // namespace
}  // namespace upkeep::multilog
