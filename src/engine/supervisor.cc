#include "engine/supervisor.h"

#include <algorithm>

namespace upkeep::engine {

Supervisor::Supervisor(const config::Config& config, Surroundings surroundings) : around_(std::move(surroundings)) {
  around_.changed = [this](SupervisedProcess& process) { changed(process); };
  around_.exited = [this](SupervisedProcess& process) {
    for (const auto& observer : exit_observers_) observer(process);
  };
  for (const config::Group& group : config.groups) {
    if (find_group(group.name)) continue;  // two groups of one name: the first in sort order runs
    SupervisedGroup& made = groups_.emplace_back(SupervisedGroup{&group, {}});
    for (const config::Process& process : group.processes) {
      auto& owned = processes_.emplace_back(std::make_unique<SupervisedProcess>(process, around_));
      by_slot_[owned->slot()] = owned.get();
      made.processes.push_back(owned.get());
    }
  }
  around_.loop.add_clockwork(*this);
}

Supervisor::~Supervisor() { around_.loop.remove_clockwork(*this); }

SupervisedProcess* Supervisor::by_slot(const std::string& slot) const {
  const auto found = by_slot_.find(slot);
  return found == by_slot_.end() ? nullptr : found->second;
}

SupervisedProcess* Supervisor::find(const std::string& group, const std::string& process) const {
  return by_slot(group + ":" + process);
}

const SupervisedGroup* Supervisor::find_group(const std::string& name) const {
  const auto found =
      std::find_if(groups_.begin(), groups_.end(), [&](const SupervisedGroup& g) { return g.config->name == name; });
  return found == groups_.end() ? nullptr : &*found;
}

std::vector<SupervisedProcess*> Supervisor::all() const {
  std::vector<SupervisedProcess*> all;
  for (const SupervisedGroup& group : groups_) all.insert(all.end(), group.processes.begin(), group.processes.end());
  return all;
}

void Supervisor::autostart() {
  for (SupervisedProcess* process : all()) {
    if (process->config().policy.autostart && core::may_start(around_.mood)) {
      process->feed(core::StartAsked{});
    } else {
      process->write_note();
    }
  }
}

std::vector<std::string> Supervisor::resume(Snapshot& snapshot, core::Mood mood, bool first_start) {
  for (SupervisedProcess* process : all()) {
    const auto found = snapshot.slots.find(process->slot());
    Snapshot::Entry* entry = found == snapshot.slots.end() ? nullptr : &found->second;
    core::Survey survey;
    survey.policy = &process->config().policy;
    survey.facts_only = snapshot.welcome.facts_only;
    survey.first_start = first_start;
    survey.mood = mood;
    if (entry) {
      if (auto note = core::decode_process_note(entry->slot.note)) survey.note = std::move(*note);
      const ProcessId child{entry->slot.serial};
      if (entry->slot.pid != 0) survey.facts = core::ChildAlive{child, entry->slot.started};
      if (entry->slot.owed)
        survey.facts = core::ExitOwed{child, entry->slot.started, *entry->slot.owed, entry->slot.ended};
    }
    if (survey.facts_only) survey.note.reset();
    process->resume(core::reconcile(survey, around_.loop.now()), survey.note, entry);
    reschedule(*process);
  }
  std::vector<std::string> strays;
  for (const auto& [slot, entry] : snapshot.slots)
    if (!by_slot(slot) && (entry.slot.pid != 0 || entry.slot.owed)) strays.push_back(slot);
  return strays;
}

// --- shutdown

void Supervisor::begin_stop() {
  std::vector<std::string> names;
  for (const SupervisedGroup& group : groups_) names.push_back(group.config->name);
  stopping_.emplace(std::move(names));
}

bool Supervisor::advance_stop() {
  const auto stopped = [this](const std::string& name) {
    const SupervisedGroup* group = find_group(name);
    return std::all_of(group->processes.begin(), group->processes.end(),
                       [](const SupervisedProcess* p) { return core::is_stopped(p->state()); });
  };
  while (const auto name = stopping_->current(stopped)) {
    const SupervisedGroup& group = *find_group(*name);
    std::vector<int> priorities;
    for (const SupervisedProcess* process : group.processes) priorities.push_back(process->config().priority);
    for (const std::size_t index : core::stop_order(priorities)) {
      SupervisedProcess& process = *group.processes[index];
      if (core::is_running(process.state())) process.feed(core::GiveUpAsked{});
    }
    if (!stopped(*name)) return false;  // a group that was only backing off is done already
  }
  return true;
}

std::vector<std::string> Supervisor::unstopped() const {
  std::vector<std::string> names;
  for (const auto& process : processes_)
    if (!core::is_stopped(process->state())) names.push_back(process->config().name);
  return names;
}

// --- the keeper's facts

void Supervisor::on_spawned(wire::Spawned fact, std::vector<LentChannel> channels) {
  if (SupervisedProcess* process = by_slot(fact.slot)) process->on_spawned(std::move(fact), std::move(channels));
}

void Supervisor::on_spawn_failed(const wire::SpawnFailed& fact) {
  if (SupervisedProcess* process = by_slot(fact.slot)) process->on_spawn_failed(fact);
}

void Supervisor::on_exited(const wire::Exited& fact) {
  if (SupervisedProcess* process = by_slot(fact.slot)) return process->on_exited(fact);
  around_.keeper.release(fact.slot, "");  // a stray that we stopped: nobody wants its slot
}

void Supervisor::on_signal_failed(const wire::SignalFailed& fact) {
  if (SupervisedProcess* process = by_slot(fact.slot)) process->on_signal_failed(fact);
}

// --- time

void Supervisor::changed(SupervisedProcess& process) {
  reschedule(process);
  for (const auto& observer : observers_) observer(process);
}

void Supervisor::reschedule(SupervisedProcess& process) {
  const auto old = scheduled_.find(&process);
  if (old != scheduled_.end()) {
    deadlines_.erase({old->second, &process});
    scheduled_.erase(old);
  }
  if (const auto deadline = process.deadline()) {
    deadlines_.insert({*deadline, &process});
    scheduled_[&process] = *deadline;
  }
}

std::optional<Instant> Supervisor::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

void Supervisor::on_time(Instant now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    SupervisedProcess& process = *deadlines_.begin()->second;
    process.feed(core::TimePassed{});
    reschedule(process);
    // A process whose deadline is due again at once would starve the loop; its turn comes with the next one.
    if (!deadlines_.empty() && deadlines_.begin()->second == &process && deadlines_.begin()->first <= now) return;
  }
}

}  // namespace upkeep::engine
