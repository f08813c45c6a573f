// What users and fate do.
#include <fmt/core.h>
#include <sys/stat.h>

#include "simulation/simulation.h"

namespace upkeep::simulation {

using namespace std::chrono_literals;

config::Config Simulation::make_config() {
  config::Config config;
  fakes::put(folder_ / "program", "never run");
  make_executable(true);
  const int groups = 1 + random_.below(3);
  for (int i = 0; i < groups; ++i) {
    config::Group group;
    group.name = fmt::format("group{}", i);
    const int processes = 1 + random_.below(2);
    for (int k = 0; k < processes; ++k) {
      config::Process process;
      process.name = fmt::format("p{}", k);
      process.group = group.name;
      process.command = folder_ / "program";
      process.out.target.kind = process.err.target.kind = config::LogTarget::Kind::None;
      core::Policy& policy = process.policy;
      policy.autostart = !random_.one_in(4);
      policy.restart =
          random_.pick<core::Restart>({core::Restart::Never, core::Restart::Unexpected, core::Restart::Always});
      policy.start_time = random_.pick<Duration>({0s, 1s, 1s, 3s});
      policy.start_retries = random_.pick<std::optional<int>>({0, 1, 3, 3, std::nullopt});
      policy.stop_wait = random_.pick<Duration>({0s, 1s, 5s});
      policy.stop_as_group = random_.one_in(2);
      policy.kill_as_group = random_.one_in(2);
      slots_[group.name + ":" + process.name];
      group.processes.push_back(std::move(process));
    }
    config.groups.push_back(std::move(group));
  }
  users_ = !random_.one_in(3);
  if (random_.one_in(6)) untouchable_ = slots_.begin()->first;
  return config;
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

  switch (random_.below(25)) {
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

void Simulation::send_daemon(int signal) {
  tell(fmt::format("the daemon gets signal {}", signal));
  if (signal == SIGTERM) term_sent_ = true;
  daemon_stops_ = true;
  keeper_->signalled(signal);
  keeper_->tell_signals();
}

}  // namespace upkeep::simulation
