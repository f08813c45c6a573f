#include "events/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace upkeep::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using enum ListenerState;

Outcome became(ListenerState from, ListenerState to) { return StateChanged{from, to}; }

Listener ready() {
  Listener listener;
  (void)listener.hear("READY\n");
  return listener;
}

Listener busy() {
  Listener listener = ready();
  (void)listener.give();
  return listener;
}

TEST(Listener, SaysReadyInPieces) {
  Listener listener;
  EXPECT_THAT(listener.hear("REA"), IsEmpty());
  EXPECT_EQ(listener.state(), Acknowledged);
  EXPECT_THAT(listener.hear("DY\n"), ElementsAre(became(Acknowledged, Ready)));
  EXPECT_EQ(listener.state(), Ready);
}

TEST(Listener, MaySayMoreThanReadyOnlyWhenAsked) {
  Listener listener;
  EXPECT_THAT(listener.hear("READY\nREADY\n"), ElementsAre(became(Acknowledged, Ready), became(Ready, Unknown)));
  EXPECT_THAT(listener.hear("READY\n"), IsEmpty()) << "for good";
  EXPECT_EQ(listener.state(), Unknown);
}

TEST(Listener, ViolatesWithAnythingElse) {
  Listener listener;
  EXPECT_THAT(listener.hear("hello"), IsEmpty()) << "five bytes could still become anything";
  EXPECT_THAT(listener.hear("!"), ElementsAre(became(Acknowledged, Unknown)));
}

TEST(Listener, AcceptsAnEvent) {
  Listener listener = busy();
  EXPECT_THAT(listener.hear("RESULT 2"), IsEmpty());
  EXPECT_THAT(listener.hear("\nO"), IsEmpty());
  EXPECT_THAT(listener.hear("KREADY\n"),
              ElementsAre(Outcome{Answered{true}}, became(Busy, Acknowledged), became(Acknowledged, Ready)));
}

TEST(Listener, RejectsAnEventWithAnyOtherResult) {
  for (const char* text : {"RESULT 4\nFAIL", "RESULT 3\nOK\n", "RESULT 0\n", "xxxxxxx2\nok", "RESULT  +1 \nO"}) {
    Listener listener = busy();
    EXPECT_THAT(listener.hear(text), ElementsAre(Outcome{Answered{false}}, became(Busy, Acknowledged))) << text;
  }
  Listener listener = busy();
  EXPECT_THAT(listener.hear("xxxxxxx2\nOK"), ElementsAre(Outcome{Answered{true}}, became(Busy, Acknowledged)))
      << "the word is not looked at";
}

TEST(Listener, MustSayHowLongItsResultIs) {
  for (const char* line : {"RESULT", "RESULT ", "RESULT two", "RESULT -1", "RESULT 99999999999"}) {
    Listener listener = busy();
    EXPECT_THAT(listener.hear(std::string{line} + "\nOK"),
                ElementsAre(Outcome{BadResultLine{line}}, became(Busy, Unknown)))
        << line;
  }
}

TEST(Listener, CannotFillOurMemory) {
  Listener listener = busy();
  EXPECT_THAT(listener.hear(std::string(kResultBytesMax, 'x')), IsEmpty());
  EXPECT_THAT(listener.hear("y"),
              ElementsAre(Outcome{BadResultLine{std::string(kResultBytesMax, 'x')}}, became(Busy, Unknown)));
}

}  // namespace
}  // namespace upkeep::events
