#include "core/reconcile.h"

#include <utility>

namespace upkeep::core {
namespace {

// The right half of the header's table, row by row: how to go on from `phase` when the facts speak of the note's child.
class Resume {
 public:
  Resume(const Survey& survey, Instant now)
      : policy_(*survey.policy), mood_(survey.mood), is_keeper_new_(survey.is_keeper_new), now_(now) {}

  // --- nothing known
  Resumption operator()(const Starting& s, const NothingKnown&) const {
    if (s.child) return lost(s);
    if (may_start(mood_)) return {.phase = s, .actions = {Spawn{}}};
    return {.phase = Stopped{}, .actions = {Publish{State::Stopped, State::Starting}}};
  }
  Resumption operator()(const Stopping& s, const NothingKnown&) const {
    if (s.child) return lost(s);
    return {.phase = Stopped{}, .actions = {Publish{State::Stopped, State::Stopping}}};
  }
  Resumption operator()(const Running& r, const NothingKnown&) const { return lost(r); }
  Resumption operator()(const Unknown& u, const NothingKnown&) const { return lost(u); }

  // --- alive
  Resumption operator()(const Starting& s, const ChildAlive& alive) const {
    return {.phase = s.child ? s : born(s, alive.child, alive.started_at)};
  }
  Resumption operator()(const Stopping& s, const ChildAlive& alive) const {
    if (s.child && !is_keeper_new_) return {.phase = s};
    if (s.child) return {.phase = s, .actions = {Signal{alive.child, policy_.stop_signal, policy_.stop_as_group}}};
    return {.phase = s,
            .happenings = {{Spawned{alive.child}, now_}}};  // step() sends the signal that is still to be sent
  }
  Resumption operator()(const Running& r, const ChildAlive&) const { return {.phase = r}; }
  Resumption operator()(const Unknown& u, const ChildAlive&) const { return {.phase = u}; }

  // --- dead
  Resumption operator()(const Starting& s, const ExitOwed& owed) const {
    return dead(s.child ? s : born(s, owed.child, owed.started_at), owed);
  }
  Resumption operator()(const Stopping& s, const ExitOwed& owed) const {
    return dead(Stopping{owed.child, s.kill_at}, owed);
  }
  Resumption operator()(const Running& r, const ExitOwed& owed) const { return dead(r, owed); }
  Resumption operator()(const Unknown& u, const ExitOwed& owed) const { return dead(u, owed); }

  // --- phases that wait for no process: an exit that is still owed was dealt with before the note was written
  template <class Settled, class SomeFacts>
  Resumption operator()(const Settled& phase, const SomeFacts&) const {
    return {.phase = phase};
  }
  template <class Settled>
  Resumption operator()(const Settled&, const ChildAlive& alive) const {
    return {.phase = Running{alive.child, alive.started_at}};
  }

 private:
  Starting born(const Starting& s, ProcessId child, Instant started_at) const {
    return {s.failures, child, started_at, later(started_at, policy_.start_time)};
  }
  Resumption dead(Phase phase, const ExitOwed& owed) const {
    return {.phase = std::move(phase), .happenings = {{Died{owed.status}, owed.died_at}}};
  }
  // The keeper knows neither the child nor its exit (it was replaced meanwhile): nobody will ever learn the status.
  Resumption lost(Phase phase) const { return {.phase = std::move(phase), .happenings = {{Died{}, now_}}}; }

  const Policy& policy_;
  Mood mood_;
  bool is_keeper_new_;
  Instant now_;
};

std::optional<ProcessId> child_in(const Facts& facts) {
  if (const auto* alive = std::get_if<ChildAlive>(&facts)) return alive->child;
  if (const auto* owed = std::get_if<ExitOwed>(&facts)) return owed->child;
  return std::nullopt;
}

Resumption from_facts_alone(const Survey& survey, Instant now) {
  if (const auto* alive = std::get_if<ChildAlive>(&survey.facts)) {
    return {.phase = Running{alive->child, alive->started_at}};
  }
  if (const auto* owed = std::get_if<ExitOwed>(&survey.facts)) {
    return {.phase = Running{owed->child, owed->started_at}, .happenings = {{Died{owed->status}, owed->died_at}}};
  }
  Resumption resumption{.phase = Stopped{}};
  if (survey.policy->autostart && may_start(survey.mood)) resumption.happenings.push_back({StartAsked{}, now});
  return resumption;
}

Resumption dismiss(const Facts& facts, Instant now) {
  const auto* alive = std::get_if<ChildAlive>(&facts);
  if (!alive) return {.phase = Stopped{}, .stray = true};
  return {.phase = Running{alive->child, alive->started_at}, .happenings = {{StopAsked{}, now}}, .stray = true};
}

}  // namespace

Resumption reconcile(const Survey& survey, Instant now) {
  if (!survey.policy) return dismiss(survey.facts, now);
  if (!survey.note || survey.facts_only) return from_facts_alone(survey, now);

  const ProcessNote& note = *survey.note;
  const ProcessId noted = child_of(note.phase).value_or(ProcessId{note.serial});
  const auto found = child_in(survey.facts);
  Facts facts = survey.facts;
  if (found && *found != noted) {
    const bool is_history = std::holds_alternative<ExitOwed>(facts) && *found < noted;
    if (!is_history) return from_facts_alone(survey, now);
    facts = NothingKnown{};
  }
  return std::visit(Resume{survey, now}, note.phase, facts);
}

}  // namespace upkeep::core
