#include "daemontools/tai64nlocal.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

namespace upkeep::daemontools {
namespace {

class LocalTimesTest : public testing::Test {
 protected:
  void SetUp() override { zone("UTC0"); }
  static void zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  static std::string converted(std::string_view input, std::size_t piece = 1000) {
    LocalTimes times;
    std::string output;
    for (; !input.empty(); input.remove_prefix(std::min(piece, input.size())))
      times.feed(input.substr(0, piece), output);
    return output;
  }
};

TEST_F(LocalTimesTest, ConvertsTheLabelOfALine) {
  EXPECT_EQ(converted("@4000000037c219bf2ef02e94 mark\n"), "1999-08-24 04:04:05.787492500 mark\n");
  EXPECT_EQ(converted("@400000000000000000000000\n"), "1969-12-31 23:59:50.000000000\n");
  EXPECT_EQ(converted("@400000003b9aca0a00000000x\n@400000003b9aca0a00000001y"),
            "2001-09-09 01:46:40.000000000x\n2001-09-09 01:46:40.000000001y");
}

TEST_F(LocalTimesTest, KnowsTheZone) {
  zone("PST8PDT,M4.1.0,M10.5.0");
  EXPECT_EQ(converted("@4000000037c219bf2ef02e94 mark\n"), "1999-08-23 21:04:05.787492500 mark\n");
}

TEST_F(LocalTimesTest, LeavesOtherLinesAlone) {
  const char* text = "x @4000000037c219bf2ef02e94\n @4000000037c219bf2ef02e94\n\n";
  EXPECT_EQ(converted(text), text);
}

TEST_F(LocalTimesTest, LeavesLabelsWithoutAMomentAlone) {
  for (const std::string text : {"@\n", "@ x\n", "@4\n", "@4000000037C219BF2EF02E94 x\n", "@0000000037c219bf2ef02e94\n",
                                 "@ffffffffffffffffffffffffffff\n"})
    EXPECT_EQ(converted(text), text);
  const std::string endless = "@" + std::string(100000, '0') + "4000000037c219bf2ef02e94 x\n";
  EXPECT_EQ(converted(endless), endless);
}

TEST_F(LocalTimesTest, SkipsLeadingZeros) {
  EXPECT_EQ(converted("@004000000037c219bf2ef02e94 x\n"), "1999-08-24 04:04:05.787492500 x\n");
}

TEST_F(LocalTimesTest, DependsNotOnHowTheBytesCome) {
  const char* text = "@4000000037c219bf2ef02e94 a\nb\n@@\n@400000003b9aca0a00000000\n@4000000037c219bf2ef02e94";
  const std::string whole = converted(text);
  EXPECT_EQ(whole, "1999-08-24 04:04:05.787492500 a\nb\n@@\n2001-09-09 01:46:40.000000000\n") << "an unfinished label";
  for (std::size_t piece = 1; piece < 30; ++piece) EXPECT_EQ(converted(text, piece), whole) << piece;
}

TEST(LocalTime, IsNoneBeyondTheCalendar) {
  EXPECT_FALSE(local_time(INT64_MAX));
  EXPECT_FALSE(local_time(INT64_MIN));
}

}  // namespace
}  // namespace upkeep::daemontools
