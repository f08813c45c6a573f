// What holds for every history of a process, checked on random ones. The seed of a failure is printed with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/process.h"
#include "unit/core/describe.h"
#include "unit/core/history.h"

namespace upkeep::core {
namespace {

bool waits(const Phase& phase) {
  if (std::holds_alternative<Starting>(phase) || std::holds_alternative<Stopping>(phase))
    return child_of(phase).has_value();
  if (const auto* exited = std::get_if<Exited>(&phase)) return exited->restart_at.has_value();
  return std::holds_alternative<Backoff>(phase);
}

// The states published lead without a gap from the phase before to the phase after.
void expect_publications_to_connect(const Phase& before, const Step& taken) {
  State state = state_of(before);
  for (const Action& action : taken.actions) {
    const auto* publish = std::get_if<Publish>(&action);
    if (!publish) continue;
    EXPECT_EQ(name_of(publish->from), name_of(state));
    EXPECT_NE(name_of(publish->state), name_of(state));
    state = publish->state;
  }
  EXPECT_EQ(name_of(state), name_of(state_of(taken.next)));
}

// After TimePassed at a deadline there is something later to wait for, or nothing: the loop cannot spin.
void expect_deadline_to_lead_somewhere(const Phase& phase, const Policy& policy, bool may_start) {
  const auto due = deadline(phase, may_start);
  if (!due) return;
  const Step taken = step(phase, policy, TimePassed{}, *due, may_start);
  const auto next = deadline(taken.next, may_start);
  EXPECT_FALSE(taken.actions.empty());
  EXPECT_TRUE(!next || *next > *due || *due == Instant::max()) << testing::PrintToString(taken.next);
  const Step early = step(phase, policy, TimePassed{}, *due - Duration{1}, may_start);
  EXPECT_EQ(early.next, phase);
  EXPECT_TRUE(early.actions.empty());
}

class ProcessProperty : public testing::TestWithParam<unsigned> {};

TEST_P(ProcessProperty, HoldsInEveryHistory) {
  Random random{GetParam()};
  for (int round = 0; round < 500 && !HasFailure(); ++round) {
    const Policy policy = random.policy();
    History history{policy};
    for (int i = 0; i < 60 && !HasFailure(); ++i) {
      const Phase before = history.phase();
      const Step taken = history.advance(random);
      SCOPED_TRACE(testing::Message() << "seed " << GetParam() << ", round " << round << ", event " << i << ": "
                                      << testing::PrintToString(before) << " -> "
                                      << testing::PrintToString(taken.next));
      EXPECT_EQ(child_of(taken.next), history.child());
      EXPECT_LE(history.spawns_outstanding(), history.child() ? 0 : 1);
      EXPECT_EQ(deadline(taken.next).has_value(), waits(taken.next));
      expect_publications_to_connect(before, taken);
      for (const bool may_start : {true, false}) expect_deadline_to_lead_somewhere(taken.next, policy, may_start);
    }
  }
}

TEST_P(ProcessProperty, AnswersEvenEventsThatCannotBe) {
  Random random{GetParam()};
  Phase phase;
  const Policy policy = random.policy();
  for (int i = 0; i < 5000 && !HasFailure(); ++i) {
    const Phase before = phase;
    const Step taken = step(before, policy, random.any_event(), random.instant(), random.chance(2));
    SCOPED_TRACE(testing::Message() << "seed " << GetParam() << ", event " << i << ": "
                                    << testing::PrintToString(before));
    // A child is never let go of but by its death, and never replaced.
    if (child_of(before) && child_of(taken.next)) {
      EXPECT_EQ(child_of(before), child_of(taken.next));
    }
    EXPECT_LE(std::ranges::count(taken.actions, Action{Spawn{}}), child_of(taken.next) ? 0 : 1);
    expect_publications_to_connect(before, taken);
    expect_deadline_to_lead_somewhere(taken.next, policy, true);
    phase = taken.next;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ProcessProperty, testing::Range(1U, 9U));

}  // namespace
}  // namespace upkeep::core
