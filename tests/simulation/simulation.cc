#include "simulation/simulation.h"

#include <fmt/core.h>

#include <algorithm>

namespace upkeep::simulation {

using namespace std::chrono_literals;

namespace {

constexpr Duration kTroubleTime = 100s, kSettlingTime = 150s, kWishTime = 60s, kEndTime = 300s;
constexpr int kStepsMax = 200'000;  // more would be a livelock
constexpr int kWishes = -1;         // the number of the randomness by which wishes are made in the end

}  // namespace

Simulation::Simulation(Choice choice)
    : choice_(std::move(choice)),
      defect_(choice_.defect),
      random_(choice_.seed),
      next_trouble_(now_ + 1s),
      ready_at_(now_) {
  make_groups();
  keeper_ = std::make_unique<Keeper>(++keepers_, kernel_, random_, *this, defect_);
  keeper_->untouchable_slot = untouchable_;
  count_.runs = 1;
}

Simulation::~Simulation() = default;

std::optional<std::string> Simulation::run() {
  run_until(now_ + kTroubleTime);
  end_trouble();
  run_until(now_ + kSettlingTime);
  if (!ended_) {
    check_settled();
    Random wishes = Random::numbered(choice_.seed, static_cast<std::uint64_t>(kWishes));
    std::map<std::string, bool> wished;
    for (const std::string& name : programs_) {
      const bool is_up = wishes.one_in(2);
      if (violation_ || !engine_->verbs().process(name)) continue;
      wished[name] = is_up;
      is_up ? ask_start(name) : ask_stop(name);
    }
    if (services_ && !violation_)
      for (ScanFolder::Service& service : services_->services()) {
        ask_service(service, false, wishes.one_in(2) || service.was_told_to_leave ? 'u' : 'd');
        if (service.has_log) ask_service(service, true, 'u');
      }
    run_until(now_ + kWishTime);
    check_wishes(wished);
    if (!violation_) ask_update();
    run_until(now_ + kWishTime);
    check_settled();
    ended_early_ = false;
    if (!violation_) send_daemon(SIGTERM);
    run_until(now_ + kEndTime);
  }
  check_ended();
  count_.log_bytes = static_cast<std::int64_t>(logbook_.bytes());
  return violation_;
}

void Simulation::run_until(Instant until) {
  while (!violation_ && !ended_ && step(until)) {
    require(++step_ < kStepsMax, "no end to it");
    after_event();
  }
  now_ = std::max(now_, until);
}

// One event: whatever is due first.
bool Simulation::step(Instant until) {
  std::optional<Instant> first;
  std::function<void()> event;
  const auto consider = [&](std::optional<Instant> at, std::function<void()> what) {
    if (!at || (first && *first <= *at)) return;
    first = at;
    event = std::move(what);
  };
  if (engine_works() && !to_engine_.empty())
    consider(to_engine_.front().due, [this] {
      const Travelling message = std::move(to_engine_.front());
      to_engine_.pop_front();
      deliver_to_engine(message);
      engine_->turn();
    });
  if (engine_works()) {
    consider(engine_->deadline(), [this] { engine_->turn(); });
    consider(engine_wakes_at_, [this] {
      engine_wakes_at_.reset();
      engine_->turn();
    });
    if (keeper_is_dead_) consider(takeover_at_, [this] { take_over(); });
  }
  if (hangs_until_)
    consider(hangs_until_, [this] {
      hangs_until_.reset();
      keeper_->watch().continued();
      tell("the engine goes on");
      wake_engine();
    });
  for (const auto& [number, process] : kernel_.live()) {
    consider(process.dies_at, [this, pid = number] { end_process(pid); });
    if (!process.is_paused) consider(process.speaks_at, [this, pid = number] { speak(pid); });
  }
  if (!keeper_is_dead_) {
    if (!to_keeper_.empty() && (keeper_->reads() || defect_ == Defect::ReadsWhileFull))
      consider(to_keeper_.front().due, [this] {
        const Travelling message = std::move(to_keeper_.front());
        to_keeper_.pop_front();
        perform(message);
      });
    if (!deaths_.empty())
      consider(deaths_.front().due, [this] {
        const Death death = deaths_.front();
        deaths_.pop_front();
        keeper_->reap(death.pid, death.status, now_);
      });
    consider(adopted_at_, [this] {
      adopted_at_.reset();
      keeper_->look_at_adopted(now_);
    });
    if (!keeper_->is_attached())
      consider(carry_at_, [this] {
        carry_at_.reset();
        keeper_->carry(now_);
      });
    if (!engine_ && !keeper_->performs_last_wills())
      if (const auto at = keeper_->watch().start_at()) consider(std::max(*at, ready_at_), [this] { start_engine(); });
    consider(keeper_->watch().end_at(), [this] {
      const int signal = keeper_->watch().end_signal(now_);
      tell(fmt::format("the keeper ends the engine with signal {}", signal));
      end_engine({ExitStatus::Kind::Signalled, signal, false}, false);
    });
    consider(keeper_->deadline(now_), [this] { keeper_->carry(now_); });
  }
  if (troubled_) consider(next_trouble_, [this] { trouble(); });

  if (!first || *first > until) return false;
  now_ = std::max(now_, *first);
  event();
  return true;
}

void Simulation::after_event() {
  ++count_.events;
  if (engine_ && engine_->has_ended()) end_engine({ExitStatus::Kind::Exited, 0, false}, false);
  if (ended_ || violation_) return;
  pump();
  if (!keeper_is_dead_) {
    keeper_->on_time(now_);
    flush_keeper();
    replace_image();
    if (keeper_->waiting() > 0) ++count_.full_sockets;
    check_keeper();
  }
  check_queues();
  if (!keeper_is_dead_ && keeper_->wills_are_done()) {
    tell("all last wills are performed");
    ++count_.last_wills;
    ended_ = taken_by_will_ = true;
  }
  if (mayhem_ <= 0 || ended_) return;
  --mayhem_;
  const int victim = random_.below(6);
  if (victim == 0 && engine_ && keeper_->is_running() && !keeper_is_dead_) {
    tell("the engine is killed, in the mayhem");
    end_engine({ExitStatus::Kind::Signalled, SIGKILL, false}, true);
  } else if (victim == 1) {
    kill_keeper();
  }
}

void Simulation::flush_keeper() {
  keeper_->flush(socket_room_ > to_engine_.size() ? socket_room_ - to_engine_.size() : 0, now_);
}

// Something has happened that the engine's loop sees for itself: bytes in a pipe, a letter in a fifo.
void Simulation::wake_engine() { wake(engine_wakes_at_, longest_delay_); }

void Simulation::wake(std::optional<Instant>& at, Duration within) {
  if (!at) at = now_ + random_.up_to(within);
}

}  // namespace upkeep::simulation
