#include "logs/line_format.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace upkeep::logs {
namespace {

using namespace std::chrono_literals;

const WallTime kWhen{1'700'000'000s + 1us};  // 2023-11-14 22:13:20 UTC
const LineFormat kLines{.format = OutputFormat::Lines, .prefix = "web | "};
const LineFormat kJson{
    .format = OutputFormat::Json, .program = "web", .group = "site", .process = "web_0", .pid = 7, .stream = "stderr"};

std::string formatted(const LineFormat& format, std::string_view text, bool ends_in_cut) {
  std::string out;
  format_lines(format, text, ends_in_cut, kWhen, [&](std::string_view lines) { out += lines; });
  return out;
}
std::string lines(std::string_view text, bool ends_in_cut = false) { return formatted(kLines, text, ends_in_cut); }
std::string json(std::string_view text, bool ends_in_cut = false) { return formatted(kJson, text, ends_in_cut); }
std::string of(std::size_t size) { return std::string(size, 'x'); }

// As a channel does it: what is not accepted is shown again with what follows.
std::string in_chunks(const std::string& text, std::size_t chunk) {
  std::string out, held;
  for (std::size_t at = 0; at < text.size(); at += chunk) {
    held += text.substr(at, chunk);
    const WholeLines whole = whole_lines(held);
    out += lines(std::string_view{held}.substr(0, whole.bytes), whole.ends_in_cut);
    held.erase(0, whole.bytes);
    EXPECT_LE(held.size(), kLineBytesMax);
  }
  return out + lines(held);
}

TEST(LineFormat, LinesGetThePrefix) {
  EXPECT_EQ(lines("one\n\ntwo\n"), "web | one\nweb | \nweb | two\n");
  EXPECT_EQ(lines("unfinished"), "web | unfinished\n");
  EXPECT_EQ(lines("\n"), "web | \n");
  EXPECT_EQ(lines(""), "");
}

TEST(LineFormat, ObjectsAreOnALineEach) {
  EXPECT_EQ(json("one\n\"two\"\n"),
            R"({"time":"2023-11-14T22:13:20.000001Z","program":"web","group":"site","process":"web_0","pid":7,)"
            R"("stream":"stderr","line":"one"})"
            "\n"
            R"({"time":"2023-11-14T22:13:20.000001Z","program":"web","group":"site","process":"web_0","pid":7,)"
            R"("stream":"stderr","line":"\"two\""})"
            "\n");
}

TEST(LineFormat, WhatIsNoUtf8IsReplacedInObjects) {
  EXPECT_NE(json("a\xff"
                 "b\xc3\n")
                .find("\"line\":\"a\xef\xbf\xbd"
                      "b\xef\xbf\xbd\""),
            std::string::npos);
  EXPECT_NE(json(std::string_view{"a\0b\x1b[1m\r\n", 9}).find(R"("line":"a\u0000b\u001b[1m\r")"), std::string::npos);
  EXPECT_EQ(lines("a\xff\n"), "web | a\xff\n") << "lines are copied as they are";
}

TEST(LineFormat, OnlyWholeLinesAreTaken) {
  const auto taken = [](std::string_view text) { return whole_lines(text).bytes; };
  EXPECT_EQ(taken(""), 0u);
  EXPECT_EQ(taken("half"), 0u);
  EXPECT_EQ(taken("one\nhalf"), 4u);
  EXPECT_EQ(taken("one\ntwo\n"), 8u);
  EXPECT_FALSE(whole_lines("one\n").ends_in_cut);
  EXPECT_EQ(taken(of(kLineBytesMax)), 0u) << "its LF may come next";
}

TEST(LineFormat, LongLinesAreCutAndSaySo) {
  const std::string text = of(kLineBytesMax) + "y";
  const WholeLines whole = whole_lines(text);
  EXPECT_EQ(whole.bytes, kLineBytesMax);
  EXPECT_TRUE(whole.ends_in_cut);
  EXPECT_EQ(lines(of(kLineBytesMax), true), "web | " + of(kLineBytesMax) + " \\\n");
  EXPECT_EQ(lines(text + "\n"), "web | " + of(kLineBytesMax) + " \\\nweb | y\n");
  EXPECT_EQ(lines(of(kLineBytesMax) + "\n"), "web | " + of(kLineBytesMax) + "\n") << "just fits";
  EXPECT_TRUE(json(of(3), true)
                  .ends_with(R"("line":"xxx","cut":true})"
                             "\n"));
}

TEST(LineFormat, MuchIsWrittenInPieces) {
  std::size_t count = 0;
  format_lines(kJson, std::string(kFormattedBytes, '\n'), false, kWhen, [&](std::string_view lines) {
    EXPECT_LT(lines.size(), 2 * kFormattedBytes);
    EXPECT_TRUE(lines.ends_with("}\n"));
    count += static_cast<std::size_t>(std::ranges::count(lines, '\n'));
  });
  EXPECT_EQ(count, kFormattedBytes);
}

TEST(LineFormat, NoCharacterIsCut) {
  std::string text = of(kLineBytesMax - 1) +
                     "\xe2\x82\xac"
                     "end";
  EXPECT_EQ(whole_lines(text).bytes, kLineBytesMax - 1);
  EXPECT_EQ(whole_lines(std::string(kLineBytesMax + 9, '\x80')).bytes, kLineBytesMax) << "no UTF-8 in any case";
}

TEST(LineFormat, CutsDoNotDependOnHowTheLineCame) {
  std::string text;
  for (const std::size_t size : {std::size_t{5}, kLineBytesMax, kLineBytesMax + 1, 3 * kLineBytesMax, std::size_t{0}}) {
    text += of(size / 2);
    for (std::size_t i = 0; i < size / 6; ++i) text += "\xe2\x82\xac";
    text += "\n";
  }
  text += "no end";
  const std::string whole = lines(text);
  for (const std::size_t chunk : {61u, 1000u, 4096u, 20'000u, 65'536u})
    EXPECT_EQ(in_chunks(text, chunk), whole) << chunk;
}

}  // namespace
}  // namespace upkeep::logs
