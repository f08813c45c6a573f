#include "logs/ansi.h"

#include <gtest/gtest.h>

namespace upkeep::logs {
namespace {

TEST(Ansi, StripsWhatSupervisorStrips) {
  const struct {
    std::string_view chunk, kept;
  } kCases[] = {
      {"", ""},
      {"plain\n", "plain\n"},
      {"\x1b[31mred\x1b[0m\n", "red\n"},
      {"a\x1b[Hb\x1b[1;2fc\x1b[Ad\x1b[Be\x1b[Cf\x1b[Dg\x1b[Rh\x1b[si\x1b[uj\x1b[Jk\x1b[Kl\x1b[?25hm\x1b[?25ln\x1b[po",
       "abcdefghijklmno"},
      {"\x1b[6Gtext to m, then seen", ", then seen"},  // neither G nor what follows ends it, before the m
      {"before\x1b[6Gnext", "before"},                 // nothing ends it: gone to the end of the chunk
      {"\x1b]0;title\x07text", "\x1b]0;title\x07text"},
      {"half \x1b", "half \x1b"},
      {"half \x1b[", "half "},
      {"[31m is no sequence", "[31m is no sequence"},
      {"\x1b[\x1b[m!", "!"},
      {std::string_view{"\0\x1b[m\0", 5}, std::string_view{"\0\0", 2}},
      {"\x1b[mm", "m"},
  };
  for (const auto& [chunk, kept] : kCases) EXPECT_EQ(strip_ansi(chunk), kept) << chunk;
}

}  // namespace
}  // namespace upkeep::logs
