#include "logs/capture_splitter.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

#include "logs/captured_text.h"

namespace upkeep::logs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Part = CaptureSplitter::Part;

const std::string kBegin{kCaptureBegin}, kEnd{kCaptureEnd};

Part output(std::string_view bytes) { return {Part::Kind::Output, bytes}; }
Part captured(std::string_view bytes) { return {Part::Kind::Captured, bytes}; }
constexpr Part kComplete{Part::Kind::Complete};

TEST(CaptureSplitter, PassesOrdinaryOutputAtOnce) {
  CaptureSplitter splitter;
  const auto split = splitter.split("short\n", false);
  EXPECT_THAT(split.parts, ElementsAre(output("short\n")));
  EXPECT_EQ(split.accepted, 6u);
  EXPECT_THAT(splitter.split("", false).parts, IsEmpty());
}

TEST(CaptureSplitter, TakesMarkedTextsOut) {
  CaptureSplitter splitter;
  const std::string bytes = "a" + kBegin + "one" + kEnd + "b" + kBegin + kEnd + kBegin + "two" + kEnd;
  const auto split = splitter.split(bytes, false);
  EXPECT_THAT(split.parts,
              ElementsAre(output("a"), captured("one"), kComplete, output("b"), kComplete, captured("two"), kComplete));
  EXPECT_EQ(split.accepted, bytes.size());
}

TEST(CaptureSplitter, HoldsBackTheLongestBeginningOfAToken) {
  CaptureSplitter splitter;
  for (std::size_t length = 1; length < kBegin.size(); ++length) {
    const std::string bytes = "<!-" + std::string{"<!--X "} + kBegin.substr(0, length);
    const auto split = splitter.split(bytes, false);
    EXPECT_EQ(split.accepted, bytes.size() - length);
    EXPECT_LE(bytes.size() - split.accepted, kUndecidedBytes);
  }
  EXPECT_THAT(splitter.split("<<!--XSUPER", false).parts, ElementsAre(output("<")));
  EXPECT_THAT(splitter.split("<!--XSUPERB", false).parts, ElementsAre(output("<!--XSUPERB")));
}

TEST(CaptureSplitter, OnlyTheTokenThatMayComeNextCounts) {
  CaptureSplitter splitter;
  EXPECT_THAT(splitter.split(kEnd + "x", false).parts, ElementsAre(output(kEnd + "x")));
  (void)splitter.split(kBegin, false);
  EXPECT_TRUE(splitter.is_capturing());
  EXPECT_THAT(splitter.split(kBegin + "x", false).parts, ElementsAre(captured(kBegin + "x")));
}

TEST(CaptureSplitter, AtTheEndNothingIsHeldBack) {
  CaptureSplitter splitter;
  EXPECT_EQ(splitter.split("tail<!--", false).accepted, 4u);
  const auto split = splitter.split("<!--", true);
  EXPECT_THAT(split.parts, ElementsAre(output("<!--")));
  EXPECT_EQ(split.accepted, 4u);
}

// However the stream is cut into chunks, the same comes out.
TEST(CaptureSplitter, CutsDoNotMatter) {
  const std::string stream = "x<!--XSUPERVISOR:BEGI" + kBegin + "c1<!--XSUPERVISOR:EN" + kEnd + "<" + kBegin + "<!--" +
                             kEnd + "\n<!--XSUPERVISOR:BEGIN--<";
  const std::string expected = "x<!--XSUPERVISOR:BEGI[c1<!--XSUPERVISOR:EN]<[<!--]\n<!--XSUPERVISOR:BEGIN--<";
  std::mt19937 random{20};
  for (int round = 0; round < 2000; ++round) {
    CaptureSplitter splitter;
    std::string got, held;
    bool inside = false;
    for (std::size_t at = 0; at <= stream.size();) {
      const std::size_t length = 1 + random() % 12;
      held += stream.substr(std::min(at, stream.size()), length);
      at += length;
      const auto split = splitter.split(held, at > stream.size());
      for (const Part& part : split.parts) {
        if (part.kind != Part::Kind::Output && !std::exchange(inside, true)) got += '[';
        got += part.bytes;
        if (part.kind == Part::Kind::Complete) {
          got += ']';
          inside = false;
        }
      }
      held.erase(0, split.accepted);
      ASSERT_LE(held.size(), kUndecidedBytes);
    }
    ASSERT_EQ(got, expected);
    ASSERT_EQ(held, "");
  }
}

TEST(CapturedText, KeepsTheBoundAsSupervisorDoes) {
  CapturedText text{10};
  text.add("0123456");
  text.add("789");
  EXPECT_EQ(text.size(), 10u);
  text.add("ab");  // two go at the front for two that come
  EXPECT_EQ(text.take(), "23456789ab");
  EXPECT_EQ(text.take(), "");
  text.add("01");
  text.add("sixteen letters.");  // one piece is never cut
  EXPECT_EQ(text.take(), "sixteen letters.");
  CapturedText negative{-1};
  negative.add("abc");
  negative.add("d");
  EXPECT_EQ(negative.take(), "bcd");
}

}  // namespace
}  // namespace upkeep::logs
