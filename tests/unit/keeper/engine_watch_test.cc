#include "keeper/engine_watch.h"

#include <gtest/gtest.h>

#include <csignal>
#include <vector>

namespace upkeep::keeper {
namespace {

using namespace std::chrono_literals;

constexpr ExitStatus kCrash{ExitStatus::Kind::Signalled, SIGSEGV, false};
constexpr ExitStatus kKill{ExitStatus::Kind::Signalled, SIGKILL, false};

Instant at(Duration since_boot) { return Instant{since_boot}; }

class EngineWatchTest : public testing::Test {
 protected:
  void live(Duration from, Duration to, const ExitStatus& end) {
    watch_.started(at(from));
    watch_.ended(end, at(to));
  }
  EngineWatch watch_;
};

TEST_F(EngineWatchTest, TheFirstStartIsDueAtOnce) {
  EXPECT_LE(*watch_.start_at(), at(0s));
  EXPECT_EQ(watch_.starts(), 0u);
  EXPECT_EQ(watch_.last_end(), "");
}

TEST_F(EngineWatchTest, NothingIsDueWhileItRuns) {
  watch_.started(at(100s));
  EXPECT_EQ(watch_.start_at(), std::nullopt);
  EXPECT_EQ(watch_.end_at(), std::nullopt);
  EXPECT_EQ(watch_.starts(), 1u);
}

TEST_F(EngineWatchTest, AnOldEngineIsReplacedAtOnce) {
  live(100s, 500s, kCrash);
  EXPECT_EQ(watch_.start_at(), at(500s));
  EXPECT_EQ(watch_.last_end(), "terminated by SIGSEGV");
}

TEST_F(EngineWatchTest, StartsAreASecondApart) {
  live(100s, 100200ms, kCrash);
  EXPECT_EQ(watch_.start_at(), at(101s));
  live(101s, 101s, kKill);
  EXPECT_EQ(watch_.start_at(), at(102s));
}

TEST_F(EngineWatchTest, ThreeFailuresInTenSecondsMeanFactsOnly) {
  live(100s, 101s, kCrash);
  live(101s, 102s, {ExitStatus::Kind::Exited, 1, false});
  EXPECT_FALSE(watch_.facts_only());
  live(102s, 103s, kCrash);
  EXPECT_TRUE(watch_.facts_only());
}

// Sixty engines in a minute help nobody, but whoever waits in the socket's queue shall get an answer.
TEST_F(EngineWatchTest, PausesGrowInACrashLoopAndStayWithinTheirLimit) {
  Duration now = 100s;
  std::vector<Duration> pauses;
  for (int i = 0; i < 9; ++i) {
    live(now, now, kCrash);
    pauses.push_back(*watch_.start_at() - at(now));
    now = watch_.start_at()->time_since_epoch();
  }
  EXPECT_EQ(pauses, (std::vector<Duration>{1s, 1s, 1s, 2s, 4s, 8s, 10s, 10s, 10s}));
  EXPECT_TRUE(watch_.facts_only()) << "however slow the loop has become";
}

TEST_F(EngineWatchTest, AMinuteOfLifeEndsACrashLoop) {
  for (int i = 0; i < 5; ++i) live(100s + i * 1s, 101s + i * 1s, kCrash);
  live(110s, 169s, kCrash);
  EXPECT_TRUE(watch_.facts_only());
  live(200s, 260s, kCrash);
  EXPECT_FALSE(watch_.facts_only());
  live(260s, 260s, kCrash);
  EXPECT_EQ(watch_.start_at(), at(261s));
}

TEST_F(EngineWatchTest, WhoWantsTheEndDoesNotWaitForTheLoop) {
  for (int i = 0; i < 8; ++i) live(100s + i * 1s, 100s + i * 1s, kCrash);
  EXPECT_EQ(watch_.start_at(), at(117s));
  watch_.stop_asked();
  EXPECT_EQ(watch_.start_at(), at(108s));
}

TEST_F(EngineWatchTest, AKillInACrashLoopIsNeitherFailureNorCure) {
  for (int i = 0; i < 4; ++i) live(100s + i * 1s, 100s + i * 1s, kCrash);
  live(110s, 110s, kKill);
  EXPECT_EQ(watch_.start_at(), at(112s));
  EXPECT_TRUE(watch_.facts_only());
}

TEST_F(EngineWatchTest, SlowFailuresKeepTheNotes) {
  live(100s, 101s, kCrash);
  live(101s, 106s, kCrash);
  live(106s, 112s, kCrash);
  EXPECT_FALSE(watch_.facts_only());
  live(112s, 113s, kCrash);  // the last three: 106, 112, 113
  EXPECT_TRUE(watch_.facts_only());
}

TEST_F(EngineWatchTest, EnginesThatWereKilledDidNotFail) {
  for (int i = 0; i < 5; ++i) live(100s + i * 1s, 101s + i * 1s, kKill);
  EXPECT_FALSE(watch_.facts_only());
  EXPECT_EQ(watch_.starts(), 5u);
}

TEST_F(EngineWatchTest, WhatCouldNotBeStartedDidNotFailEither) {
  live(100s, 101s, kCrash);
  for (int i = 0; i < 20; ++i) live(101s + i * 1s, 101s + i * 1s, ExitStatus{});
  EXPECT_EQ(watch_.start_at(), at(121s)) << "a shortage may be over at any time";
  EXPECT_FALSE(watch_.facts_only());
  EXPECT_EQ(watch_.last_end(), "terminated by SIGSEGV");
}

TEST_F(EngineWatchTest, AnUnansweredMessageEndsTheEngine) {
  watch_.started(at(100s));
  watch_.answer_expected(false, at(100s));
  EXPECT_EQ(watch_.end_at(), std::nullopt);
  watch_.answer_expected(true, at(110s));
  watch_.answer_expected(true, at(115s));
  EXPECT_EQ(watch_.end_at(), at(110s) + kAnswerLimit);
  watch_.answer_expected(false, at(116s));
  EXPECT_EQ(watch_.end_at(), std::nullopt);
}

TEST_F(EngineWatchTest, AnyAnswerIsASignOfLife) {
  watch_.started(at(100s));
  for (int i = 0; i < 60; ++i) {  // a minute in which something is unanswered after every turn
    watch_.answer_expected(true, at(100s + i * 1s));
    watch_.answered();
  }
  watch_.answer_expected(true, at(160s));
  EXPECT_EQ(watch_.end_at(), at(160s) + kAnswerLimit);
}

TEST_F(EngineWatchTest, FirstAbortThenKill) {
  watch_.started(at(100s));
  watch_.answer_expected(true, at(100s));
  EXPECT_EQ(watch_.end_signal(at(120s)), SIGABRT);
  EXPECT_EQ(watch_.end_at(), at(120s) + kEndPatience);
  EXPECT_EQ(watch_.end_signal(at(130s)), SIGKILL);
  watch_.ended(kKill, at(130s));
  EXPECT_EQ(watch_.end_at(), std::nullopt);
  watch_.started(at(131s));
  EXPECT_EQ(watch_.end_at(), std::nullopt) << "the next engine starts with a clean slate";
}

TEST_F(EngineWatchTest, AStoppedEngineIsEndedUnlessItContinues) {
  watch_.started(at(100s));
  watch_.stopped(at(200s));
  EXPECT_EQ(watch_.end_at(), at(200s) + kStoppedLimit);
  watch_.continued();
  EXPECT_EQ(watch_.end_at(), std::nullopt);
}

TEST_F(EngineWatchTest, LastWillsAreDueAfterThreeEnginesSinceTheStopWasAsked) {
  live(100s, 101s, kCrash);
  live(101s, 102s, kCrash);
  watch_.stop_asked();
  live(102s, 103s, kKill);
  live(103s, 104s, kKill);
  watch_.stop_asked();  // again: the count goes on
  EXPECT_FALSE(watch_.last_will_due());
  live(104s, 105s, kKill);
  EXPECT_TRUE(watch_.last_will_due());
}

TEST_F(EngineWatchTest, ClaimsEndWhenNoEngineIsReadyForAMinute) {
  live(100s, 110s, kKill);
  EXPECT_EQ(watch_.claims_end_at(), at(170s));
  live(111s, 112s, kCrash);
  EXPECT_EQ(watch_.claims_end_at(), at(170s)) << "counted from the last one that was ready";
  watch_.started(at(113s));
  watch_.ready();
  EXPECT_EQ(watch_.claims_end_at(), std::nullopt);
  watch_.ended(kCrash, at(200s));
  EXPECT_EQ(watch_.claims_end_at(), at(260s));
  watch_.claims_ended();
  EXPECT_EQ(watch_.claims_end_at(), std::nullopt) << "once is enough";
  live(270s, 271s, kCrash);
  EXPECT_EQ(watch_.claims_end_at(), std::nullopt);
  watch_.started(at(272s));
  watch_.ready();
  watch_.ended(kCrash, at(300s));
  EXPECT_EQ(watch_.claims_end_at(), at(360s)) << "and that one claims anew";
}

TEST_F(EngineWatchTest, NoLastWillsWithoutAWishToStop) {
  for (int i = 0; i < 10; ++i) live(100s + i * 1s, 101s + i * 1s, kCrash);
  EXPECT_FALSE(watch_.last_will_due());
}

}  // namespace
}  // namespace upkeep::keeper
