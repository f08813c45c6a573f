#include "multilog/stamp.h"

#include <gtest/gtest.h>

#include <string>

namespace upkeep::multilog {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kMoment{935467455s + 787492500ns};  // the manual's example, @4000000037c219bf2ef02e94

std::string next(Stamper& stamper) { return std::string{stamper.next()}; }

TEST(Stamp, NoneIsEmpty) {
  Stamper stamper{StampFormat::None};
  stamper.begin_batch(kMoment);
  EXPECT_EQ(stamper.next(), "");
}

TEST(Stamp, LabelsOfABatchFollowEachOther) {
  Stamper stamper{StampFormat::Tai64n};
  stamper.begin_batch(kMoment);
  EXPECT_EQ(next(stamper), to_text(to_tai64n(kMoment)) + " ");
  for (int line = 1; line < 1000; ++line) EXPECT_EQ(next(stamper), to_text(to_tai64n(kMoment + line * 1ns)) + " ");
}

TEST(Stamp, CarriesIntoTheNextSecond) {
  Stamper stamper{StampFormat::Tai64n};
  const WallTime last = WallTime{5s} - 1ns;
  stamper.begin_batch(last);
  EXPECT_EQ(next(stamper), to_text(to_tai64n(last)) + " ");
  EXPECT_EQ(next(stamper), to_text(to_tai64n(WallTime{5s})) + " ");
}

TEST(Stamp, LabelsNeverDecreaseBetweenBatches) {
  Stamper stamper{StampFormat::Tai64n};
  stamper.begin_batch(kMoment);
  std::string last;
  for (int line = 0; line < 500; ++line) last = next(stamper);
  stamper.begin_batch(kMoment + 100ns);  // behind what was handed out
  EXPECT_EQ(next(stamper), to_text(to_tai64n(kMoment + 500ns)) + " ");
  EXPECT_LT(last, next(stamper));
  stamper.begin_batch(kMoment + 1s);
  EXPECT_EQ(next(stamper), to_text(to_tai64n(kMoment + 1s)) + " ");
}

TEST(Stamp, FollowsAClockThatWasSetBack) {
  Stamper stamper{StampFormat::Tai64n};
  stamper.begin_batch(kMoment);
  (void)stamper.next();
  stamper.begin_batch(kMoment - 1h);
  EXPECT_EQ(next(stamper), to_text(to_tai64n(kMoment - 1h)) + " ");
}

TEST(Stamp, Dates) {
  const auto text = [](StampFormat format, WallTime time) {
    Stamper stamper{format};
    stamper.begin_batch(time);
    return next(stamper);
  };
  EXPECT_EQ(text(StampFormat::Date, kMoment), "1999-08-24_04:04:15.78749 ");
  EXPECT_EQ(text(StampFormat::DateT, kMoment), "1999-08-24T04:04:15.78749 ");
  EXPECT_EQ(text(StampFormat::Seconds, kMoment), "935467455.787492 ");
  EXPECT_EQ(text(StampFormat::Date, WallTime{-1us}), "1969-12-31_23:59:59.99999 ");
  EXPECT_EQ(text(StampFormat::Date, WallTime{951782400s}), "2000-02-29_00:00:00.00000 ");
}

}  // namespace
}  // namespace upkeep::multilog
