// What users and fate do.
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>

#include "simulation/simulation.h"

namespace upkeep::simulation {

using namespace std::chrono_literals;

// --- the configuration

void Simulation::make_groups() {
  fakes::put(folder_ / "program", "never run");
  make_executable(true);
  for (int i = 0; i < 4; ++i) {
    const std::string name = fmt::format("group{}", i);
    const int processes = 1 + random_.below(2);
    for (int k = 0; k < processes; ++k) slots_[fmt::format("{}:p{}", name, k)];
    Group& group = groups_[name];
    group.configured = i == 0 || random_.one_in(2);
    group.programs = make_programs(name, processes, group.version);
  }
  write_configuration();
  users_ = !random_.one_in(3);
  if (random_.one_in(6)) untouchable_ = slots_.begin()->first;
}

// The version is in the environment, so that one can see which an active group has.
std::string Simulation::make_programs(const std::string& group, int processes, int version) {
  std::string text = fmt::format("[group:{}]\nprograms=", group);
  for (int k = 0; k < processes; ++k) text += fmt::format("{}{}_{}", k == 0 ? "" : ",", group, k);
  for (int k = 0; k < processes; ++k) {
    text += fmt::format("\n[program:{}_{}]\nprocess_name=p{}\ncommand={}\nenvironment=VERSION={}\n", group, k, k,
                        folder_ / "program", version);
    text += fmt::format("stdout_logfile=NONE\nstderr_logfile=NONE\nautostart={}\nautorestart={}\n", !random_.one_in(4),
                        random_.pick<std::string>({"false", "unexpected", "true"}));
    text += fmt::format("startsecs={}\nstartretries={}\nstopwaitsecs={}\n", random_.pick<int>({0, 1, 1, 3}),
                        random_.pick<int>({0, 1, 3, 3, 1'000'000}), random_.pick<int>({0, 1, 5}));
    text += random_.one_in(2) ? "stopasgroup=true\n" : random_.one_in(2) ? "killasgroup=true\n" : "";
  }
  return text + "\n";
}

void Simulation::write_configuration() {
  std::string text = "[supervisord]\nnodaemon=true\n";
  for (const auto& [name, group] : groups_)
    if (group.configured) text += group.programs;
  world_.files["/etc/a.conf"] = text;
}

engine::ConfigurationOrError Simulation::read_configuration() {
  const bool begins = !keeper_->is_running();  // a cold start: all that is configured becomes active
  if (begins) accepted_is_known_ = true;
  accepted_.clear();
  for (auto& [name, group] : groups_) {
    if (group.configured) accepted_[name] = group.version;
    if (!begins) continue;
    group.active = group.configured;
    group.active_version = group.version;
  }
  if (begins) active_told_.reset();
  return engine::reload_configuration({"/usr/bin/supervisord", "-c", "/etc/a.conf"}, "/etc/a.conf", world_);
}

void Simulation::edit_configuration() {
  auto chosen = groups_.begin();
  std::advance(chosen, random_.below(static_cast<int>(groups_.size())));
  auto& [name, group] = *chosen;
  tell("somebody edits " + name);
  if (random_.one_in(3)) {
    group.configured = !group.configured;
  } else {
    const auto processes = std::count_if(slots_.begin(), slots_.end(), [&, prefix = name + ":"](const auto& slot) {
      return slot.first.starts_with(prefix);
    });
    group.programs = make_programs(name, static_cast<int>(processes), ++group.version);
  }
  write_configuration();
}

void Simulation::trouble() {
  next_trouble_ = now_ + random_.up_to(random_.one_in(3) ? 50ms : 2s);
  std::vector<std::string> names;
  for (const auto& [name, slot] : slots_) names.push_back(name);
  const std::string& name = random_.pick(names);
  // Who kills a daemon that is not ready yet ends its start, which is another story.
  const bool ready = keeper_->is_running();
  const bool works = engine_ && !hangs_until_ && ready;
  const bool asked = works && users_;
  const auto random_group = [&] { return name.substr(0, name.find(':')); };

  switch (random_.below(32)) {
    case 0:
    case 1:
    case 2:
    case 3:
      if (!engine_ || !ready) return;
      tell("the engine is killed");
      return end_engine({ExitStatus::Kind::Signalled, SIGKILL, false}, true);
    case 4:
      if (!engine_ || !ready) return;
      tell("the engine crashes");
      return end_engine({ExitStatus::Kind::Signalled, SIGSEGV, true}, true);
    case 5:
      if (works) replace_keeper();
      return;
    case 6:
      if (!works) return;
      tell("the engine hangs");
      hangs_until_ = now_ + random_.up_to(40s);
      if (random_.one_in(2)) keeper_->watch().stopped(now_);
      return;
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
      if (asked) ask_start(name);
      return;
    case 14:
    case 15:
    case 16:
      if (asked) ask_stop(name);
      return;
    case 17:
      if (asked) ask_all(random_.one_in(2));
      return;
    case 18:
      if (asked) (void)engine_->verbs().signal(name, "HUP");
      return;
    case 19: return make_executable(random_.one_in(2));
    case 20:
      keeper_->failing_spawns = random_.pick<int>({0, 0, 3, 1});
      spawns_failed_ = spawns_failed_ || keeper_->failing_spawns > 0;
      return;
    case 21: longest_delay_ = random_.pick<Duration>({0ms, 1ms, 100ms, 3s}); return;
    case 22: doomed_engines_ = random_.one_in(8) ? 8 : random_.below(4); return;
    case 23:
      ready_at_ = now_ + random_.up_to(5s);  // the next engine takes its time
      return;
    case 24: return edit_configuration();
    case 25:
      if (asked) ask_reload();
      return;
    case 26:
    case 27:
    case 28:
      if (asked) ask_add(random_group());
      return;
    case 29:
    case 30:
      if (asked) ask_remove(random_group());
      return;
    default:
      if (!random_.one_in(20)) return;
      send_daemon(random_.one_in(2) ? SIGTERM : SIGHUP);
      if (!engine_ || !ready || random_.one_in(2)) return;
      tell("the engine is killed before it hears of that");
      return end_engine({ExitStatus::Kind::Signalled, SIGKILL, false}, true);
  }
}

// Nothing goes wrong any more; what was done stays done.
void Simulation::end_trouble() {
  tell("the trouble is over");
  troubled_ = false;
  doomed_engines_ = 0;
  longest_delay_ = 1ms;
  keeper_->failing_spawns = 0;
  keeper_->untouchable_slot.clear();
  make_executable(true);
  kernel_.make_immortal();
  if (hangs_until_) hangs_until_ = now_;
}

void Simulation::make_executable(bool yes) {
  if (!yes) spawns_failed_ = true;
  (void)::chmod((folder_ / "program").c_str(), yes ? 0755 : 0644);
}

// --- users

void Simulation::ask_start(const std::string& name) {
  if (!engine_ || engine_->mood() != core::Mood::Running) return;  // clients hear SHUTDOWN_STATE
  tell("a user starts " + name);
  Slot& slot = slots_.at(name);
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
  if (!engine_ || engine_->mood() != core::Mood::Running) return;
  tell("a user stops " + name);
  Slot& slot = slots_.at(name);
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
  if (!engine_ || engine_->mood() != core::Mood::Running) return;
  tell(start ? "a user starts all" : "a user stops all");
  for (auto& [name, slot] : slots_) {
    ++slot.wish;
    slot.stopped = slot.started = false;
    if (start) continue;
    ++slot.stops;
    slot.stop_step = step_;
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
  if (!engine_ || engine_->mood() != core::Mood::Running) return;
  tell("a user rereads the configuration");
  ++count_.reloads;
  accepted_is_known_ = true;
  require(engine_->verbs().reload().has_value(), "the configuration cannot be reread");
  pump();
}

void Simulation::ask_add(const std::string& name) {
  if (!engine_ || engine_->mood() != core::Mood::Running) return;
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
  if (!engine_ || engine_->mood() != core::Mood::Running) return;
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
  edit_configuration();
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
  daemon_stops_ = true;
  keeper_->signalled(signal);
  keeper_->tell_signals();
}

}  // namespace upkeep::simulation
