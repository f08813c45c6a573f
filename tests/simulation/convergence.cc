// What must come of everything once trouble has ended.
#include <fmt/core.h>

#include <algorithm>

#include "simulation/simulation.h"

namespace upkeep::simulation {

void Simulation::check_settled() {
  if (violation_) return;
  require(!keeper_is_dead_, "nobody took over from the keeper");
  require(engine_ != nullptr, "no engine");
  require(!term_sent_, "the daemon was asked to end, and did not");
  if (violation_) return;
  require(engine_->mood() == core::Mood::Running, "the daemon neither runs nor ended");
  require(keeper_->table().owed_signals().empty(), "a signal is still owed");
  for (const engine::SupervisedProcess* process : engine_->supervisor().all())
    if (is_program(process->slot())) check_settled(*process);
  if (violation_) return;
  check_groups();
  check_services(false);
  check_descriptors();
  check_logs(false);
}

// The active groups are those that the answers say, each as it was configured when it was added; and the keeper has
// slots for no other.
void Simulation::check_groups() {
  for (const auto& [name, group] : groups_) {
    const engine::SupervisedGroup* found = engine_->supervisor().find_group(name);
    if (group.active) require(*group.active == (found != nullptr), name + " is active, or not, against all answers");
    if (!found || !group.active_version) continue;
    for (const auto& process : found->processes)
      require(process->config().environment == config::Environment{{"VERSION", std::to_string(*group.active_version)}},
              name + " has another configuration than it was added with");
  }
  for (const auto& [name, entry] : keeper_->table().slots())
    require(name == "daemon" || engine_->supervisor().find_group(name.substr(0, name.find(':'))),
            "a slot is left of what was removed: " + name);
}

void Simulation::check_settled(const engine::SupervisedProcess& process) {
  const std::string& name = process.slot();
  const core::State state = process.state();
  const core::Policy& policy = process.config().policy;
  const Slot& slot = slots_[name];
  const SimProcess* alive = kernel_.in_slot(name);
  const auto require_here = [&](bool holds, std::string_view what) {
    require(holds, fmt::format("{} is {}: {}", name, core::name_of(state), what));
  };
  const bool untouchable = name == untouchable_;
  const auto found = keeper_->table().slots().find(name);
  require_here(found != keeper_->table().slots().end(), "the keeper has no note of it");
  if (violation_) return;
  require_here(!found->second.owed, "an exit is still owed");
  require_here(slot.owed.empty(), "an exit was lost");
  const auto note = core::decode_process_note(found->second.note);
  require_here(note && core::state_of(note->phase) == state, "its note says something else");
  switch (state) {
    case core::State::Running:
      require_here(alive != nullptr, "but it is dead");
      require_here(alive && keeper_->table().find(name, alive->serial), "but the keeper does not know its process");
      require_here(note && alive && core::child_of(note->phase) == ProcessId{alive->serial}, "but with another child");
      break;
    case core::State::Unknown: require_here(untouchable, "but it could be signalled"); break;
    case core::State::Stopped:
      require_here(!alive, "but it is alive");
      require_here(slot.stops > 0 || !policy.autostart || facts_only_, "but nobody stopped it");
      break;
    case core::State::Exited:
      require_here(!alive, "but it is alive");
      require_here(slot.deaths > 0, "but it never died");
      if (const auto* exited = note ? std::get_if<core::Exited>(&note->phase) : nullptr)
        require_here(
            exited->status == slot.last_status || (exited->status == ExitStatus{} && keepers_ > slot.last_keeper),
            "but of something else");
      require_here(policy.restart != core::Restart::Always || untouchable, "but it should have been restarted");
      break;
    case core::State::Fatal:
      require_here(!alive, "but it is alive");
      require_here(policy.start_retries && (slot.deaths > 0 || spawns_failed_), "but it never failed");
      break;
    case core::State::Starting:
    case core::State::Stopping:
    case core::State::Backoff: require_here(false, "still"); break;
  }
  require_here(!slot.stopped || core::is_stopped(state), "but a user had stopped it");
  require_here(!slot.started || state == core::State::Running || untouchable, "but a user had started it");
}

// Every directory has its supervisor, and does what the last letter said.
void Simulation::check_services(bool strictly) {
  if (!services_ || violation_) return;
  for (const ScanFolder::Service& service : services_->services()) {
    for (const bool logger : {false, true}) {
      if (logger && !service.has_log) continue;
      const std::string whom = service.name + (logger ? "/log" : "");
      require(services_->is_supervised(service, logger), "nobody supervises " + whom);
      require(services_->is_locked(service, logger), whom + " is not locked");
    }
    const SimProcess* alive = kernel_.in_slot(service.slot);
    if (service.want == 'u') require(alive != nullptr, service.name + " is wanted up, and is down");
    if (service.want == 'd') require(alive == nullptr, service.name + " is wanted down, and is up");
    if (!strictly) continue;
    require(service.want != 0, service.name + " has not heard the last letter");
    if (service.has_log) require(kernel_.in_slot(service.logger()) != nullptr, service.name + " has lost its logger");
  }
}

// Each deposit belongs to something that is there.
void Simulation::check_descriptors() {
  if (violation_) return;
  for (const auto& [name, fd] : keeper_->deposits()) {
    if (name.starts_with(engine::kLoadDepositPrefix)) {
      const auto number = static_cast<std::uint32_t>(std::stoul(name.substr(name.find(':') + 1)));
      require(loads_needed_.contains(number), "a load of the configuration is kept that nobody needs: " + name);
    } else if (name.starts_with("stdin:")) {
      const std::string slot = name.substr(name.find(':') + 1);
      const auto found = keeper_->table().slots().find(slot);
      require(found != keeper_->table().slots().end() && found->second.process, "a deposit is left: " + name);
    } else {
      const bool is_service = services_ && (name == fmt::format("services:{}", ScanFolder::kGroup) ||
                                            (name.starts_with("service:") && services_->of_slot(name.substr(8))));
      require(name == engine::kGroupsDeposit || is_service, "a deposit is of nothing: " + name);
    }
  }
}

// Every line arrived once, in order.
void Simulation::check_logs(bool in_part) {
  if (violation_) return;
  for (int i = 0; engine_ && i < 20; ++i) engine_->turn();
  pump();
  from_engine_in_event_ = 0;
  for (const std::string& name : programs_) {
    const std::string wrong = logbook_.compare(name, fakes::content(folder_ / (name + ".log")), in_part);
    require(wrong.empty(), fmt::format("the log of {}: {}", name, wrong));
  }
  if (!services_) return;
  for (const ScanFolder::Service& service : services_->services()) {
    if (!service.has_log) continue;  // nobody reads it
    const std::string wrong = logbook_.compare(service.slot, logbook_.heard(service.logger()),
                                               in_part || !ended_ || ended_early_);  // it may have been down
    require(wrong.empty(), fmt::format("the logger of {}: {}", service.name, wrong));
  }
}

void Simulation::check_wishes(const std::map<std::string, bool>& wished) {
  if (violation_) return;
  for (const auto& [name, start] : wished) {
    const auto info = engine_->verbs().process(name);
    require(info.has_value(), name + " is unknown");
    if (violation_) return;
    const bool fine = start ? info->state == core::State::Running : core::is_stopped(info->state);
    require(
        fine || info->state == core::State::Unknown,
        fmt::format("{} is {} after a user {} it", name, core::name_of(info->state), start ? "started" : "stopped"));
  }
  check_settled();
  check_services(true);
}

void Simulation::check_ended() {
  require(ended_, "the daemon did not end");
  require(term_sent_, "the daemon ended, but nobody had asked it to");
  for (const auto& [pid, process] : kernel_.live())
    require(process.let_go || process.slot == untouchable_ || process.is_script, process.slot + " outlived the daemon");
  if (violation_) return;
  engine_.reset();
  keeper_.reset();
  if (!untouchable_.empty()) logbook_.forget(untouchable_);
  check_logs(taken_by_will_);
  if (!services_) return;
  for (const ScanFolder::Service& service : services_->services())
    require(!services_->is_locked(service, false) && !services_->is_supervised(service, false),
            service.name + " is still supervised");
}

}  // namespace upkeep::simulation
