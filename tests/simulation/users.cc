// What users ask: of the engine, and of service directories by letters.
#include <fmt/core.h>

#include <csignal>

#include "core/service.h"
#include "simulation/simulation.h"

namespace upkeep::simulation {

using namespace std::chrono_literals;

bool Simulation::is_asked() const {
  return engine_works() && !keeper_is_dead_ && keeper_->is_running() && engine_->mood() == core::Mood::Running;
}

void Simulation::ask_something(Random& fate) {
  const std::vector<std::string> names{programs_.begin(), programs_.end()};
  const std::string& name = fate.pick(names);
  const std::string group = name.substr(0, name.find(':'));
  const int kind = fate.below(27);
  if (kind >= 22) {  // by a letter, which needs no engine
    if (!services_) return;
    ScanFolder::Service& service =
        services_->services()[static_cast<std::size_t>(fate.below(static_cast<int>(services_->services().size())))];
    const std::string letters =
        fate.one_in(10) ? "xd" : fate.pick<std::string>({"u", "d", "o", "t", "p", "c", "k", "h"});
    for (const char letter : letters) ask_service(service, service.has_log && fate.one_in(4), letter);
    return;
  }
  if (kind == 21) return edit_configuration(fate);
  if (!users_ || !is_asked()) return;
  if (kind < 7) return ask_start(name);
  if (kind < 11) return ask_stop(name);
  if (kind == 11) return ask_all(fate.one_in(2));
  if (kind == 12) {
    (void)engine_->verbs().signal(name, "HUP");
    return;
  }
  if (kind < 15) return ask_reload();
  if (kind < 18) return ask_add(group);
  ask_remove(group);
}

void Simulation::ask_service(ScanFolder::Service& service, bool logger, char letter) {
  if (!services_->send(service, logger, letter)) return;
  tell(fmt::format("a user writes {} to {}{}", letter, service.name, logger ? "/log" : ""));
  ++count_.letters;
  wake_engine();
  if (letter == 'd') ++service.orders[SIGTERM];
  if (letter == 'd') ++service.orders[SIGCONT];
  if (const int number = core::signal_of(letter); number != 0) ++service.orders[number];
  if (logger) return;
  if (letter == 'x') {  // as soon as it is down; then it is taken anew, and goes up
    service.want = 0;
    service.was_told_to_leave = true;
  }
  if ((letter == 'u' || letter == 'd') && service.want != 0) service.want = letter;
  if (letter == 'o') service.want = service.want == 0 ? 0 : 'o';
  if (!troubled_ && (letter == 'u' || letter == 'd')) service.want = letter;
}

void Simulation::ask_start(const std::string& name) {
  if (!is_asked()) return;  // clients hear SHUTDOWN_STATE, or wait
  tell("a user starts " + name);
  Slot& slot = slots_[name];
  const int wish = ++slot.wish;
  slot.stopped = false;
  engine_->verbs().start(name, true, [this, &slot, wish, name](const engine::Answer& answer) {
    if (!std::holds_alternative<std::monostate>(answer)) return;
    tell("  started: " + name);
    slot.started = slot.wish == wish && kernel_.in_slot(name) != nullptr;  // it may have died meanwhile
  });
  engine_->turn();
  pump();
}

void Simulation::ask_stop(const std::string& name) {
  if (!is_asked()) return;
  tell("a user stops " + name);
  Slot& slot = slots_[name];
  const int wish = ++slot.wish;
  ++slot.stops;
  slot.stop_step = step_;
  slot.started = false;
  engine_->verbs().stop(name, true, [this, &slot, wish, name](const engine::Answer& answer) {
    if (!std::holds_alternative<std::monostate>(answer)) return;
    tell("  stopped: " + name);
    slot.stopped = slot.wish == wish && name != untouchable_;
  });
  engine_->turn();
  pump();
}

void Simulation::ask_all(bool start) {
  if (!is_asked()) return;
  tell(start ? "a user starts all" : "a user stops all");
  for (auto& [name, slot] : slots_) {
    ++slot.wish;
    slot.stopped = slot.started = false;
    if (start) continue;
    ++slot.stops;
    slot.stop_step = step_;
  }
  if (services_)
    for (ScanFolder::Service& service : services_->services()) {
      service.want = 0;
      if (!start) ++service.orders[SIGTERM];
      if (!start) ++service.orders[SIGCONT];
    }
  if (start) {
    engine_->verbs().start_all(false, [](const engine::Answer&) {});
  } else {
    engine_->verbs().stop_all(false, [](const engine::Answer&) {});
  }
  engine_->turn();
  pump();
}

void Simulation::ask_reload() {
  if (!is_asked()) return;
  tell("a user rereads the configuration");
  ++count_.reloads;
  accepted_is_known_ = true;
  require(engine_->verbs().reload().has_value(), "the configuration cannot be reread");
  pump();
}

void Simulation::ask_add(const std::string& name) {
  if (!is_asked()) return;
  Group& group = groups_.at(name);
  const engine::Answer answer = engine_->verbs().add_group(name);
  const bool done = std::holds_alternative<std::monostate>(answer);
  tell(fmt::format("a user adds {}: {}", name, done ? "done" : std::get<engine::Refused>(answer).text()));
  if (group.active && accepted_is_known_)
    require(done == (!*group.active && accepted_.contains(name)), name + " was added, or refused, wrongly");
  if (done) {
    ++count_.added;
    group.active = true;
    group.active_version.reset();
    if (accepted_is_known_) group.active_version = accepted_.at(name);
  }
  engine_->turn();
  pump();
}

void Simulation::ask_remove(const std::string& name) {
  if (!is_asked()) return;
  Group& group = groups_.at(name);
  const engine::Answer answer = engine_->verbs().remove_group(name);
  const bool done = std::holds_alternative<std::monostate>(answer);
  tell(fmt::format("a user removes {}: {}", name, done ? "done" : std::get<engine::Refused>(answer).text()));
  if (group.active) require(!done || *group.active, name + " was removed, but it was not active");
  if (done) {
    ++count_.removed;
    group.active = false;
    for (auto& [slot_name, slot] : slots_) {
      if (!slot_name.starts_with(name + ":")) continue;
      require(kernel_.in_slot(slot_name) == nullptr, slot_name + " was removed alive");
      ++slot.wish;
      slot.stopped = slot.started = false;
      slot.asked.clear();
    }
  }
  engine_->turn();
  pump();
}

// As `supervisorctl update` does it, as far as nothing must be waited for: what differs is stopped first.
void Simulation::ask_update() {
  Random fate = Random::numbered(choice_.seed, 1'000'000);
  edit_configuration(fate);
  ask_reload();
  for (auto& [name, group] : groups_) {
    const engine::SupervisedGroup* active = engine_->supervisor().find_group(name);
    if (!active) {
      ask_add(name);
      continue;
    }
    for (const auto& process : active->processes)
      if (core::is_running(process->state())) ask_stop(process->slot());
  }
  run_until(now_ + 60s);
  for (auto& [name, group] : groups_) {
    if (violation_ || !engine_->supervisor().find_group(name)) continue;
    ask_remove(name);
    ask_add(name);
  }
}

void Simulation::send_daemon(int signal) {
  tell(fmt::format("the daemon gets signal {}", signal));
  if (signal == SIGTERM) term_sent_ = true;
  if (signal == SIGHUP && services_)  // what a logger that is down has not read goes with its pipe
    for (const ScanFolder::Service& service : services_->services()) logbook_.forget(service.slot);
  daemon_stops_ = true;
  keeper_->signalled(signal);
  flush_keeper();
}

}  // namespace upkeep::simulation
