// What fate does. Each trouble has a number and draws from a source of its own, so that one can be left out of a
// history without changing what the others are.
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>

#include "simulation/simulation.h"

namespace upkeep::simulation {

using namespace std::chrono_literals;

void Simulation::trouble() {
  const int number = next_trouble_number_++;
  Random fate = Random::numbered(choice_.seed, static_cast<std::uint64_t>(number));
  next_trouble_ = std::max(now_, next_trouble_) + fate.up_to(fate.one_in(3) ? 50ms : 2s);
  if (choice_.skipped.contains(number)) return;
  troubles_.push_back(number);
  const int kind = fate.below(34);
  if (kind < 10) return trouble_keeper_or_engine(fate);
  if (kind < 27) return ask_something(fate);
  if (kind < 32) return trouble_resources(fate);
  trouble_machine(fate);
}

void Simulation::trouble_keeper_or_engine(Random& fate) {
  // Who kills a daemon that is not ready yet ends its start, which is another story.
  const bool is_there = engine_ && keeper_->is_running() && !keeper_is_dead_;
  switch (fate.below(13)) {
    case 0:
    case 1:
    case 2:
    case 3:
      if (!is_there) return;
      tell("the engine is killed");
      return end_engine({ExitStatus::Kind::Signalled, SIGKILL, false}, true);
    case 4:
      if (!is_there) return;
      tell("the engine crashes");
      return end_engine({ExitStatus::Kind::Signalled, SIGSEGV, true}, true);
    case 5:
    case 6:
    case 7: return kill_keeper();
    case 8:
    case 9:
      if (!is_there || hangs_until_) return;
      tell("the engine hangs");
      hangs_until_ = now_ + fate.up_to(40s);
      if (fate.one_in(2)) keeper_->watch().stopped(now_);
      return;
    case 10:
      doomed_engines_ = fate.one_in(8) ? 8 : fate.below(4);
      return tell(fmt::format("the next {} engines are doomed", doomed_engines_));
    case 11:
      if (!is_asked()) return;
      image_ = fate.one_in(3) ? Image::Bad : Image::Good;
      return tell(image_ == Image::Bad ? "an upgrade to a bad image is asked for" : "an upgrade is asked for");
    default: mayhem_ = fate.below(30); return tell(fmt::format("mayhem for {} events", mayhem_));
  }
}

void Simulation::trouble_resources(Random& fate) {
  switch (fate.below(8)) {
    case 0: return make_executable(fate.one_in(2));
    case 1:
      keeper_->failing_spawns = fate.pick<int>({0, 0, 3, 1});
      spawns_failed_ = spawns_failed_ || keeper_->failing_spawns > 0;
      return tell(fmt::format("one in {} forks fails", keeper_->failing_spawns));
    case 2: {
      const std::vector<std::size_t> limits{1000, 1000, keeper_->descriptors(), keeper_->descriptors() + 10};
      keeper_->descriptors_max = fate.pick(limits);
      spawns_failed_ = spawns_failed_ || keeper_->descriptors_max < 1000;
      return tell(fmt::format("the keeper may hold {} descriptors", keeper_->descriptors_max));
    }
    case 3:
      kernel_.processes_max = fate.pick<int>({80, 80, 4, 8});
      spawns_failed_ = spawns_failed_ || kernel_.processes_max < 80;
      return tell(fmt::format("there may be {} processes", kernel_.processes_max));
    case 4: longest_delay_ = fate.pick<Duration>({0ms, 1ms, 100ms, 3s}); return;
    case 5: longest_reaping_ = fate.pick<Duration>({0ms, 1ms, 50ms, 2s}); return;
    case 6: ready_at_ = now_ + fate.up_to(fate.one_in(4) ? 90s : 5s); return tell("the next engine takes its time");
    default:
      socket_room_ = fate.pick<std::size_t>({1000, 1, 2, 5});
      return tell(fmt::format("the socket has room for {} messages", socket_room_));
  }
}

void Simulation::trouble_machine(Random& fate) {
  if (fate.one_in(3)) return jump(fate);
  if (!fate.one_in(12) || keeper_is_dead_) return;
  send_daemon(fate.one_in(2) ? SIGTERM : SIGHUP);
  if (!engine_ || !keeper_->is_running() || fate.one_in(2)) return;
  tell("the engine is killed before it hears of that");
  end_engine({ExitStatus::Kind::Signalled, SIGKILL, false}, true);
}

// Of the wall clock alone, or of both, as when everything was stopped for a while.
void Simulation::jump(Random& fate) {
  ++count_.jumps;
  const Duration by = fate.pick<Duration>({24h, 20 * 365 * 24h, -1h, -50 * 365 * 24h, 500ms});
  const bool everything = fate.one_in(3);
  const Duration gone = fate.up_to(3h);
  if (choice_.wall_clock_jumps) kernel_.wall_offset += by;
  if (!everything) return;
  tell(fmt::format("nothing runs for {} s", std::chrono::duration_cast<std::chrono::seconds>(gone).count()));
  now_ += gone;
  next_trouble_ = now_ + 10ms;
}

// Nothing goes wrong any more; what was done stays done.
void Simulation::end_trouble() {
  tell("the trouble is over");
  troubled_ = false;
  doomed_engines_ = mayhem_ = 0;
  image_ = Image::None;
  longest_delay_ = longest_reaping_ = 1ms;
  socket_room_ = 1000;
  ready_at_ = now_;
  keeper_->failing_spawns = 0;
  keeper_->descriptors_max = 1000;
  keeper_->untouchable_slot.clear();
  kernel_.processes_max = 80;
  make_executable(true);
  kernel_.make_immortal(now_);
  if (hangs_until_) hangs_until_ = now_;
}

void Simulation::make_executable(bool yes) {
  if (!yes) spawns_failed_ = true;
  (void)::chmod((folder_ / "program").c_str(), yes ? 0755 : 0644);
}

}  // namespace upkeep::simulation
