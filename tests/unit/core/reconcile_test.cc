#include "core/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/core/describe.h"
#include "unit/core/history.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const ProcessId kChild{5};
const Instant kBirth{100s};
const Instant kDeath{130s};
const Instant kNow{140s};
const ExitStatus kFailure{ExitStatus::Kind::Exited, 1, false};
const ChildAlive kAlive{kChild, kBirth};
const ExitOwed kOwed{kChild, kBirth, kFailure, kDeath};
const Policy kPolicy{};

ProcessNote note(Phase phase, std::uint64_t serial = kChild.serial) {
  return {.phase = std::move(phase), .serial = serial};
}

Resumption resume(Phase phase, Facts facts) {
  return reconcile({.policy = &kPolicy, .note = note(std::move(phase)), .facts = facts}, kNow);
}

// What happens next is that the child died with this status then, and nothing else.
void expect_death(const Resumption& resumption, const ExitStatus& status, Instant at) {
  EXPECT_THAT(resumption.actions, IsEmpty());
  ASSERT_EQ(resumption.happenings.size(), 1U);
  const auto* died = std::get_if<Died>(&resumption.happenings.front().event);
  ASSERT_TRUE(died);
  EXPECT_EQ(died->status, status);
  EXPECT_EQ(resumption.happenings.front().at, at);
  EXPECT_FALSE(resumption.stray);
}

void expect_silence(const Resumption& resumption) {
  EXPECT_THAT(resumption.actions, IsEmpty());
  EXPECT_THAT(resumption.happenings, IsEmpty());
  EXPECT_FALSE(resumption.stray);
}

bool asks_start(const Resumption& resumption) {
  return resumption.happenings.size() == 1 && std::holds_alternative<StartAsked>(resumption.happenings[0].event) &&
         resumption.happenings[0].at == kNow;
}

// --- no note

TEST(Reconcile, WhatWasNeverNotedIsStillToBeStarted) {
  const Resumption first = reconcile({.policy = &kPolicy}, kNow);
  EXPECT_EQ(first.phase, Phase{Stopped{}});
  EXPECT_TRUE(asks_start(first));

  const Policy by_hand{.autostart = false};
  expect_silence(reconcile({.policy = &by_hand}, kNow));
}

TEST(Reconcile, NothingStartsAutomaticallyInAShutdown) {
  expect_silence(reconcile({.policy = &kPolicy, .mood = Mood::ShuttingDown}, kNow));
  expect_silence(reconcile({.policy = &kPolicy, .facts_only = true, .mood = Mood::Restarting}, kNow));
}

TEST(Reconcile, WithoutANoteALiveChildIsRunning) {
  const Resumption resumption = reconcile({.policy = &kPolicy, .facts = kAlive}, kNow);
  EXPECT_EQ(resumption.phase, (Phase{Running{kChild, kBirth}}));
  expect_silence(resumption);
}

TEST(Reconcile, WithoutANoteADeadChildWasRunning) {
  const Resumption resumption = reconcile({.policy = &kPolicy, .facts = kOwed}, kNow);
  EXPECT_EQ(resumption.phase, (Phase{Running{kChild, kBirth}}));
  expect_death(resumption, kFailure, kDeath);
}

TEST(Reconcile, FactsOnlyIgnoresTheNote) {
  const Survey survey{.policy = &kPolicy, .note = note(Stopping{kChild, kNow}), .facts = kAlive, .facts_only = true};
  const Resumption alive = reconcile(survey, kNow);
  EXPECT_EQ(alive.phase, (Phase{Running{kChild, kBirth}}));
  expect_silence(alive);

  const Resumption idle = reconcile({.policy = &kPolicy, .note = note(Fatal{"x"}), .facts_only = true}, kNow);
  EXPECT_EQ(idle.phase, Phase{Stopped{}});
  EXPECT_TRUE(asks_start(idle));

  Survey owed = survey;
  owed.facts = kOwed;
  EXPECT_EQ(reconcile(owed, kNow).phase, (Phase{Running{kChild, kBirth}}));
  expect_death(reconcile(owed, kNow), kFailure, kDeath);
}

// --- Starting without a child

const Starting kUnanswered{2, std::nullopt, Instant{99s}, Instant{100s}};

TEST(Reconcile, ALostSpawnIsRepeated) {
  const Resumption resumption = resume(kUnanswered, NothingKnown{});
  EXPECT_EQ(resumption.phase, Phase{kUnanswered});
  EXPECT_THAT(resumption.actions, ElementsAre(Action{Spawn{}}));
  EXPECT_THAT(resumption.happenings, IsEmpty());
}

TEST(Reconcile, ALostSpawnIsNotRepeatedInAShutdown) {
  const Survey survey{.policy = &kPolicy, .note = note(kUnanswered), .mood = Mood::ShuttingDown};
  const Resumption resumption = reconcile(survey, kNow);
  EXPECT_EQ(resumption.phase, Phase{Stopped{}});
  EXPECT_THAT(resumption.actions, ElementsAre(Action{Publish{State::Stopped, State::Starting}}));
}

TEST(Reconcile, ASpawnThatWasNotSeenIsAdopted) {
  const Resumption resumption = resume(kUnanswered, kAlive);
  EXPECT_EQ(resumption.phase, (Phase{Starting{2, kChild, kBirth, kBirth + 1s}}));
  expect_silence(resumption);
}

TEST(Reconcile, ASpawnAndADeathThatWereNotSeen) {
  const Resumption resumption = resume(kUnanswered, kOwed);
  EXPECT_EQ(resumption.phase, (Phase{Starting{2, kChild, kBirth, kBirth + 1s}}));
  expect_death(resumption, kFailure, kDeath);
}

TEST(Reconcile, TheExitBeforeARestartIsHistory) {
  const ExitOwed former{ProcessId{4}, kBirth - 10s, kFailure, kBirth - 1s};
  EXPECT_THAT(resume(kUnanswered, former).actions, ElementsAre(Action{Spawn{}}));
}

// --- phases with a child

std::vector<Phase> phases_with_child() {
  return {Starting{1, kChild, kBirth, kBirth + 1s}, Running{kChild, kBirth}, Stopping{kChild, Instant{150s}},
          Unknown{kChild}};
}

TEST(Reconcile, ALiveChildGoesOnAsItWas) {
  for (const Phase& phase : phases_with_child()) {
    const Resumption resumption = resume(phase, kAlive);
    EXPECT_EQ(resumption.phase, phase);
    expect_silence(resumption);
  }
}

TEST(Reconcile, ANewKeeperSendsTheStopSignalOnceMore) {  // the last one may have been killed before it did
  for (const Phase& phase : phases_with_child()) {
    const Survey survey{.policy = &kPolicy, .note = note(phase), .facts = kAlive, .is_keeper_new = true};
    const Resumption resumption = reconcile(survey, kNow);
    EXPECT_EQ(resumption.phase, phase);
    if (!std::holds_alternative<Stopping>(phase)) {
      expect_silence(resumption);
      continue;
    }
    EXPECT_THAT(resumption.actions, ElementsAre(Action{Signal{kChild, kPolicy.stop_signal, kPolicy.stop_as_group}}));
    EXPECT_TRUE(resumption.happenings.empty());
  }
}

TEST(Reconcile, AnOwedExitIsDealtWithAsOfItsTime) {
  for (const Phase& phase : phases_with_child()) {
    const Resumption resumption = resume(phase, kOwed);
    EXPECT_EQ(resumption.phase, phase);
    expect_death(resumption, kFailure, kDeath);
  }
}

TEST(Reconcile, AVanishedChildDiedOfNobodyKnowsWhat) {
  for (const Phase& phase : phases_with_child()) {
    const Resumption resumption = resume(phase, NothingKnown{});
    EXPECT_EQ(resumption.phase, phase);
    expect_death(resumption, ExitStatus{}, kNow);
  }
}

TEST(Reconcile, AnOlderExitIsNoDeathOfTheNotedChild) {
  const ExitOwed former{ProcessId{4}, kBirth - 10s, kFailure, kBirth - 1s};
  expect_death(resume(Running{kChild, kBirth}, former), ExitStatus{}, kNow);
}

TEST(Reconcile, ANewerChildMeansThatTheNoteIsBehind) {
  const ChildAlive newer{ProcessId{6}, Instant{120s}};
  for (const Phase& phase : phases_with_child()) {
    EXPECT_EQ(resume(phase, newer).phase, (Phase{Running{ProcessId{6}, Instant{120s}}}));
  }
}

// --- Stopping without a child

const Stopping kUnsignalled{std::nullopt, Instant{110s}};

TEST(Reconcile, AStopOfALostSpawnIsDone) {
  const Resumption resumption = resume(kUnsignalled, NothingKnown{});
  EXPECT_EQ(resumption.phase, Phase{Stopped{}});
  EXPECT_THAT(resumption.actions, ElementsAre(Action{Publish{State::Stopped, State::Stopping}}));
}

TEST(Reconcile, AStopOfAnUnseenSpawnGetsItsSignal) {
  const Resumption resumption = resume(kUnsignalled, kAlive);
  EXPECT_EQ(resumption.phase, Phase{kUnsignalled});
  ASSERT_EQ(resumption.happenings.size(), 1U);
  const auto& [event, at] = resumption.happenings.front();
  const Step taken = step(resumption.phase, kPolicy, event, at);
  EXPECT_EQ(taken.next, (Phase{Stopping{kChild, kNow + 10s}}));
  EXPECT_THAT(taken.actions, ElementsAre(Action{Signal{kChild, SIGTERM, false}}));
}

TEST(Reconcile, AStopOfAnUnseenSpawnThatDied) {
  const Resumption resumption = resume(kUnsignalled, kOwed);
  EXPECT_EQ(resumption.phase, (Phase{Stopping{kChild, Instant{110s}}}));
  expect_death(resumption, kFailure, kDeath);
}

// --- phases that wait for no process

std::vector<Phase> settled_phases() {
  return {Stopped{}, Backoff{2, Instant{200s}}, Exited{kFailure, std::nullopt}, Exited{kFailure, Instant{135s}},
          Fatal{"why"}};
}

TEST(Reconcile, SettledPhasesStayWithTheirDeadlines) {
  for (const Phase& phase : settled_phases()) {
    for (const Facts& facts : {Facts{NothingKnown{}}, Facts{kOwed}}) {
      const Resumption resumption = resume(phase, facts);
      EXPECT_EQ(resumption.phase, phase);
      expect_silence(resumption);
    }
  }
}

TEST(Reconcile, AutostartIsNotRepeatedForWhatTheUserStopped) {
  expect_silence(reconcile({.policy = &kPolicy, .note = note(Stopped{})}, kNow));
}

TEST(Reconcile, ALiveChildOutranksANoteThatKnowsNone) {
  for (const Phase& phase : settled_phases()) {
    EXPECT_EQ(resume(phase, kAlive).phase, (Phase{Running{kChild, kBirth}}));
  }
}

// --- not configured

TEST(Reconcile, AStrayIsStopped) {
  const Resumption resumption = reconcile({.note = note(Running{kChild, kBirth}), .facts = kAlive}, kNow);
  EXPECT_TRUE(resumption.stray);
  EXPECT_EQ(resumption.phase, (Phase{Running{kChild, kBirth}}));
  ASSERT_EQ(resumption.happenings.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<StopAsked>(resumption.happenings[0].event));
}

TEST(Reconcile, ADeadStrayIsForgotten) {
  for (const Facts& facts : {Facts{NothingKnown{}}, Facts{kOwed}}) {
    const Resumption resumption = reconcile({.note = note(Running{kChild, kBirth}), .facts = facts}, kNow);
    EXPECT_TRUE(resumption.stray);
    EXPECT_EQ(resumption.phase, Phase{Stopped{}});
    EXPECT_THAT(resumption.happenings, IsEmpty());
  }
}

// --- the promise of it all: an engine that dies at any moment leads to the phase of one that did not

class ReconcileProperty : public testing::TestWithParam<unsigned> {};

Phase settle(Phase phase, const Policy& policy, Instant now) {
  const auto due = deadline(phase);
  return due && *due <= now ? step(phase, policy, TimePassed{}, now).next : phase;
}

// Takes the engine's place after its death: from note and facts to the phase a moment later.
Phase recover(const Policy& policy, const History& history, const Facts& facts, Instant now) {
  const auto survived = decode_process_note(encode(note(history.phase(), history.serial())));
  if (!survived) return Fatal{survived.error().text};
  const Resumption resumption = reconcile({.policy = &policy, .note = *survived, .facts = facts}, now);
  Phase phase = resumption.phase;
  for (const auto& [event, at] : resumption.happenings) phase = step(phase, policy, event, at).next;
  return settle(phase, policy, now);
}

TEST_P(ReconcileProperty, NoDeathOfTheEngineMatters) {
  Random random{GetParam()};
  int spawns = 0, deaths = 0, both = 0;
  for (int round = 0; round < 3000 && !HasFailure(); ++round) {
    const Policy policy = random.policy();
    History history{policy};
    for (int left = random.below(40); left > 0; --left) history.advance(random);

    const Instant now = history.now();
    Instant later_now = now;
    SCOPED_TRACE(testing::Message() << "seed " << GetParam() << ", round " << round << ": "
                                    << testing::PrintToString(history.phase()));
    Phase undisturbed = history.phase();
    Facts facts;
    if (history.child()) {
      facts = ChildAlive{*history.child(), history.born_at()};
      if (random.chance(2)) {  // it dies unseen
        ++deaths;
        later_now = now + random.wait();
        const ExitStatus status = random.status();
        undisturbed = step(undisturbed, policy, Died{status}, later_now).next;
        facts = ExitOwed{*history.child(), history.born_at(), status, later_now};
      }
    } else if (history.spawns_outstanding() > 0) {  // it is born unseen
      ++spawns;
      const ProcessId child{history.serial()};
      undisturbed = step(undisturbed, policy, Spawned{child}, now).next;
      facts = ChildAlive{child, now};
      if (random.chance(2)) {  // and dies unseen
        ++both;
        later_now = now + random.wait();
        const ExitStatus status = random.status();
        undisturbed = step(undisturbed, policy, Died{status}, later_now).next;
        facts = ExitOwed{child, now, status, later_now};
      }
    }
    EXPECT_EQ(recover(policy, history, facts, later_now), settle(undisturbed, policy, later_now));
  }
  EXPECT_GT(std::min({spawns, deaths, both}), 50) << "the histories no longer reach every case";
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReconcileProperty, testing::Range(1U, 9U));

}  // namespace
}  // namespace upkeep::core
