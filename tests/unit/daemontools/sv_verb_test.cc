#include "daemontools/sv_verb.h"

#include <gtest/gtest.h>

namespace upkeep::daemontools {
namespace {

std::optional<SvVerb> verb(std::string_view word) { return sv_verb(word, CalledAs::Sv); }

TEST(SvVerb, IsALetterWhereAWordBeginsWithIt) {
  for (const char* word :
       {"up", "down", "once", "pause", "cont", "hup", "alarm", "interrupt", "quit", "1", "2", "term", "kill"})
    EXPECT_EQ(verb(word), SvVerb{.letters = std::string(1, word[0])}) << word;
  EXPECT_EQ(verb("u"), verb("upwards"));
  EXPECT_EQ(verb("exit"), SvVerb{.letters = "x"});
  EXPECT_EQ(verb("x"), SvVerb{.letters = "x"});
}

TEST(SvVerb, WaitsWhereTheWholeWordSaysSo) {
  EXPECT_EQ(verb("start"), (SvVerb{.letters = "u", .waits = true}));
  EXPECT_EQ(verb("restart"), (SvVerb{.letters = "tcu", .waits = true}));
  EXPECT_EQ(verb("try-restart"), (SvVerb{.letters = "tc", .waits = true}));
  EXPECT_EQ(verb("force-stop"), (SvVerb{.letters = "d", .waits = true, .kills = true}));
  EXPECT_EQ(verb("D"), verb("force-stop"));
  EXPECT_EQ(verb("T"), verb("force-reload"));
  EXPECT_EQ(verb("X"), verb("force-shutdown"));
  EXPECT_TRUE(verb("check")->checks_only);
  EXPECT_EQ(verb("checks"), SvVerb{.letters = "c"}) << "cont";
}

TEST(SvVerb, IsStatusForOtherWordsWithS) {
  EXPECT_TRUE(verb("status")->shows_status);
  EXPECT_TRUE(verb("s")->shows_status);
  EXPECT_TRUE(sv_verb("status", CalledAs::InitScript)->shows_status);
  EXPECT_FALSE(sv_verb("s", CalledAs::InitScript));
  EXPECT_EQ(sv_verb("stop", CalledAs::InitScript), verb("stop"));
}

TEST(SvVerb, MayBeUnknown) {
  for (const char* word : {"", "r", "restarts", "force", "zap", "-v", "b"}) EXPECT_FALSE(verb(word)) << word;
}

}  // namespace
}  // namespace upkeep::daemontools
