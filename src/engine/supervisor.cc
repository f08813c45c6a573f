#include "engine/supervisor.h"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <memory>

#include "engine/service_group.h"
#include "events/payload.h"

namespace upkeep::engine {

Supervisor::Supervisor(Surroundings surroundings) : around_(std::move(surroundings)), errands_(around_.keeper) {
  around_.changed = [this](SupervisedProcess& process) { changed(process); };
  around_.exited = [this](SupervisedProcess& process) {
    for (const auto& observer : exit_observers_) observer(process);
  };
  around_.loop.add_clockwork(*this);
}

Supervisor::~Supervisor() { around_.loop.remove_clockwork(*this); }

SupervisedProcess* Supervisor::by_slot(const std::string& slot) const {
  const auto found = by_slot_.find(slot);
  return found == by_slot_.end() ? nullptr : found->second;
}

SupervisedProcess* Supervisor::find(const std::string& group, const std::string& process) const {
  if (SupervisedProcess* found = by_slot(group + ":" + process)) return found;
  const SupervisedGroup* services = find_group(group);  // whose slots are not named after their processes
  if (!services || !services->services) return nullptr;
  const auto found = std::ranges::find_if(services->processes,
                                          [&](const auto& candidate) { return candidate->config().name == process; });
  return found == services->processes.end() ? nullptr : found->get();
}

const SupervisedGroup* Supervisor::find_group(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &*found->second;
}

std::vector<const SupervisedGroup*> Supervisor::groups_in_start_order() const {
  std::vector<const SupervisedGroup*> ordered;
  for (const SupervisedGroup& group : groups_) ordered.push_back(&group);
  std::ranges::stable_sort(ordered, {}, [](const SupervisedGroup* group) { return group->config->priority; });
  return ordered;
}

std::vector<SupervisedProcess*> Supervisor::all() const {
  std::vector<SupervisedProcess*> all;
  for (const SupervisedGroup& group : groups_)
    for (const auto& process : group.processes) all.push_back(process.get());
  return all;
}

// --- groups come and go

SupervisedGroup& Supervisor::add(const LoadedGroup& loaded, bool is_new) {
  SupervisedGroup& group = groups_.emplace_back(SupervisedGroup{loaded.added, loaded.config, {}, {}, {}});
  const config::Group& config = *loaded.config;
  by_name_[config.name] = std::prev(groups_.end());
  if (config.socket) {
    group.socket = std::make_unique<FcgiSocket>(
        *config.socket, config.name, around_.deposits,
        [this](LogLevel level, const std::string& text) { around_.log.line(level, text); });
  }
  if (config.services) group.services = std::make_shared<ServiceGroup>(*config.services, config.name, *this);
  const Role role{config.events.has_value(), group.socket.get()};
  for (const config::Process& process : config.processes) {
    group.processes.push_back(std::make_shared<SupervisedProcess>(process, around_, role));
    by_slot_[group.processes.back()->slot()] = group.processes.back().get();
  }
  if (role.listens) add_pool(group, is_new);
  if (is_new) around_.events.publish(core::EventType::ProcessGroupAdded, events::process_group_payload(config.name));
  for (const auto& observer : group_observers_) observer();
  return group;
}

// Its processes are offered events by priority, those of the same priority by name.
void Supervisor::add_pool(const SupervisedGroup& group, bool is_new) {
  std::vector<SupervisedProcess*> ordered;
  for (const auto& process : group.processes) ordered.push_back(process.get());
  std::ranges::stable_sort(ordered, {}, [](const SupervisedProcess* process) {
    return std::pair{process->config().priority, process->config().name};
  });
  std::vector<ListenerSeat> seats;
  for (SupervisedProcess* process : ordered) {
    const auto is_running = [process] { return process->state() == core::State::Running; };
    seats.push_back({process->config().name, is_running, &process->channels().input()});
  }
  around_.events.add_pool(group.config->name, *group.config->events, std::move(seats), is_new);
}

void Supervisor::remove(const std::string& name) {
  const auto found = by_name_.find(name);
  // Whoever is in the middle of telling of one of these processes must find it alive: it goes at the end of the turn.
  const auto gone = std::make_shared<SupervisedGroup>(std::move(*found->second));
  groups_.erase(found->second);
  by_name_.erase(found);
  if (gone->services) gone->services->let_go();
  for (const auto& process : gone->processes) {
    by_slot_.erase(process->slot());
    reschedule(*process);
    around_.keeper.note(process->slot(), "");
  }
  around_.loop.defer([gone] {});
  if (gone->config->events) around_.events.remove_pool(name);
  for (const auto& observer : group_observers_) observer();
  around_.events.publish(core::EventType::ProcessGroupRemoved, events::process_group_payload(name));
}

// --- starting

void Supervisor::make_auto_logs() {
  for (SupervisedProcess* process : all()) process->make_auto_logs();
}

void Supervisor::autostart() {
  for (SupervisedGroup& group : groups_) autostart(group);
}

void Supervisor::begin(SupervisedGroup& group) {
  for (const auto& process : group.processes) process->make_auto_logs();
  autostart(group);
}

void Supervisor::autostart(SupervisedGroup& group) {
  if (group.services) {
    if (const auto begun = group.services->begin(); !begun) around_.log.line(LogLevel::Critical, begun.error().text);
    return;
  }
  for (const auto& process : group.processes) {
    if (process->config().policy.autostart && core::may_start(around_.mood)) {
      process->feed(core::StartAsked{});
    } else {
      process->write_note();
    }
  }
}

void Supervisor::rescan() {
  for (const SupervisedGroup& group : groups_)
    if (group.services) group.services->rescan();
}

void Supervisor::add_process(const std::string& name, std::shared_ptr<SupervisedProcess> process) {
  SupervisedGroup& group = *by_name_.at(name);
  by_slot_[process->slot()] = process.get();
  group.processes.push_back(std::move(process));
}

void Supervisor::remove_process(const std::string& name, const SupervisedProcess& process) {
  const std::string slot = process.slot();
  if (by_slot_.erase(slot) == 0) return;
  around_.keeper.note(slot, "");
  const auto group = by_name_.find(name);
  if (group == by_name_.end()) return;
  const auto found = std::ranges::find_if(group->second->processes,
                                          [&](const auto& candidate) { return candidate.get() == &process; });
  if (found == group->second->processes.end()) return;
  const auto gone = std::move(*found);
  group->second->processes.erase(found);
  reschedule(*gone);
  around_.loop.defer([gone] {});  // whoever is in the middle of telling of it must find it alive
}

std::optional<core::ProcessNote> Supervisor::note_of(const std::string& slot, const Snapshot& snapshot) {
  const auto found = snapshot.slots.find(slot);
  if (found == snapshot.slots.end() || snapshot.welcome.facts_only) return std::nullopt;
  auto note = core::decode_process_note(found->second.slot.note);
  return note ? std::optional{std::move(*note)} : std::nullopt;
}

void Supervisor::resume(SupervisedProcess& process, Snapshot& snapshot, core::Mood mood) {
  const auto found = snapshot.slots.find(process.slot());
  Snapshot::Entry* entry = found == snapshot.slots.end() ? nullptr : &found->second;
  core::Survey survey;
  survey.policy = &process.config().policy;
  survey.note = note_of(process.slot(), snapshot);
  survey.facts_only = snapshot.welcome.facts_only;
  survey.mood = mood;
  survey.is_keeper_new = is_keeper_new(snapshot);
  if (entry) {
    const ProcessId child{entry->slot.serial};
    if (entry->slot.pid != 0) survey.facts = core::ChildAlive{child, entry->slot.started};
    if (entry->slot.owed)
      survey.facts = core::ExitOwed{child, entry->slot.started, *entry->slot.owed, entry->slot.ended};
  }
  process.resume(core::reconcile(survey, around_.loop.now()), survey.note, entry);
  reschedule(process);
}

std::vector<std::string> Supervisor::resume(Snapshot& snapshot, core::Mood mood) {
  for (SupervisedGroup& group : groups_) {
    if (group.services) {
      group.services->resume(snapshot, mood);
    } else {
      for (const auto& process : group.processes) resume(*process, snapshot, mood);
    }
  }
  errands_.deal_with_ends(snapshot);
  std::vector<std::string> strays;
  for (const auto& [slot, entry] : snapshot.slots) {
    // The daemon's own has no colon; errands end by themselves.
    if (by_slot(slot) || slot.find(':') == std::string::npos || Errands::is_errand(slot)) continue;
    if (entry.slot.pid != 0 || entry.slot.owed) {
      strays.push_back(slot);
    } else {  // of a group that was removed when the last engine died
      around_.keeper.note(slot, "");
    }
  }
  return strays;
}

// --- shutdown

void Supervisor::begin_stop() {
  std::vector<std::string> names;
  for (const SupervisedGroup* group : groups_in_start_order()) names.push_back(group->config->name);
  stopping_.emplace(std::move(names));
}

bool Supervisor::advance_stop() {
  const auto stopped = [this](const std::string& name) {
    const SupervisedGroup* group = find_group(name);
    if (group->services && !group->services->is_over()) return false;
    return std::all_of(group->processes.begin(), group->processes.end(),
                       [](const auto& process) { return core::is_stopped(process->state()); });
  };
  while (const auto name = stopping_->current(stopped)) {
    const SupervisedGroup& group = *find_group(*name);
    if (group.services) {
      group.services->stop();
      if (!stopped(*name)) return false;
      continue;
    }
    std::vector<int> priorities;
    for (const auto& process : group.processes) priorities.push_back(process->config().priority);
    for (const std::size_t index : core::stop_order(priorities)) {
      SupervisedProcess& process = *group.processes[index];
      if (core::is_running(process.state())) process.feed(core::GiveUpAsked{});
    }
    if (!stopped(*name)) return false;  // a group that was only backing off is done already
  }
  return true;
}

void Supervisor::kill_all() {
  for (const SupervisedGroup& group : groups_)
    if (group.services) group.services->stop();
  for (SupervisedProcess* process : all()) {
    if (process->is_service()) {  // whatever state it shows, one of its scripts may run
      process->signal_child(SIGKILL, process->config().policy.kill_as_group);
      continue;
    }
    if (core::is_running(process->state())) process->feed(core::GiveUpAsked{});
    if (process->state() == core::State::Stopping)
      process->signal_child(SIGKILL, process->config().policy.kill_as_group);
  }
  errands_.kill_all();
}

std::vector<std::string> Supervisor::unstopped() const {
  std::vector<std::string> names;
  for (const SupervisedProcess* process : all())
    if (!core::is_stopped(process->state())) names.push_back(process->config().name);
  return names;
}

// --- the keeper's facts

void Supervisor::on_spawned(wire::Spawned fact, std::vector<LentChannel> channels) {
  if (SupervisedProcess* process = by_slot(fact.slot)) process->on_spawned(std::move(fact), std::move(channels));
}

void Supervisor::on_spawn_failed(const wire::SpawnFailed& fact) {
  if (SupervisedProcess* process = by_slot(fact.slot)) return process->on_spawn_failed(fact);
  if (Errands::is_errand(fact.slot)) errands_.on_spawn_failed(fact.slot);
}

void Supervisor::on_exited(const wire::Exited& fact) {
  if (SupervisedProcess* process = by_slot(fact.slot)) {
    process->on_exited(fact);
  } else if (Errands::is_errand(fact.slot)) {
    errands_.on_exited(fact);
  } else {
    around_.keeper.release(fact.slot, "");  // a stray that we stopped: nobody wants its slot
  }
  around_.log.line(LogLevel::Debug, "received SIGCHLD indicating a child quit");
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
  const bool is_gone = by_slot(process.slot()) != &process;
  if (const auto deadline = process.deadline(); deadline && !is_gone) {
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
