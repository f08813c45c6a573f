// Random lives of a process, with a model of the keeper beside it. Included by core's tests only.
#pragma once

#include <algorithm>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "core/process.h"
#include "core/reconcile.h"

namespace upkeep::core {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  int below(int limit) { return std::uniform_int_distribution<int>{0, limit - 1}(engine_); }
  bool chance(int one_in) { return below(one_in) == 0; }
  Duration wait() { return std::chrono::milliseconds{below(3000)}; }
  Instant instant() { return Instant{std::chrono::milliseconds{below(100000)}}; }
  template <class T>
  T pick(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(below(static_cast<int>(values.size())))];
  }

  Policy policy() {
    using std::chrono::seconds;
    Policy policy;
    policy.autostart = chance(2);
    policy.restart = pick<Restart>({Restart::Never, Restart::Unexpected, Restart::Always});
    policy.start_time = seconds{below(3)};
    policy.start_retries = pick<std::optional<int>>({0, 1, 3, std::nullopt});
    policy.backoff_step = seconds{below(2)};
    policy.start_interval = seconds{below(2)};
    policy.stop_wait = seconds{below(4)};
    policy.stop_as_group = chance(2);
    policy.kill_as_group = chance(2);
    return policy;
  }

  ExitStatus status() {
    return {pick<ExitStatus::Kind>({ExitStatus::Kind::Exited, ExitStatus::Kind::Signalled}), below(3), false};
  }

  Event any_event() {
    switch (below(8)) {
      case 0: return StartAsked{};
      case 1: return StopAsked{};
      case 2: return GiveUpAsked{};
      case 3: return Spawned{ProcessId{static_cast<std::uint64_t>(below(1000))}};
      case 4: return SpawnFailed{"why", chance(2)};
      case 5: return Died{status()};
      case 6: return SignalFailed{"why"};
      default: return TimePassed{};
    }
  }

 private:
  std::mt19937 engine_;
};

// One process and what the keeper knows of it; only events that can happen do.
class History {
 public:
  explicit History(const Policy& policy) : policy_(policy) {}

  const Phase& phase() const { return phase_; }
  Instant now() const { return now_; }
  std::uint64_t serial() const { return serial_; }  // of the last child asked for
  int spawns_outstanding() const { return spawns_outstanding_; }
  std::optional<ProcessId> child() const { return child_; }
  Instant born_at() const { return born_at_; }

  Event next_event(Random& random) {
    now_ += random.wait();
    if (const auto due = deadline(phase_); due && random.chance(2)) {
      now_ = std::max(now_, *due);
      return TimePassed{};
    }
    if (spawns_outstanding_ > 0 && random.chance(2)) {
      if (random.chance(4)) return SpawnFailed{"why", random.chance(2)};
      return Spawned{ProcessId{serial_}};
    }
    if (child_ && random.chance(3)) return Died{random.status()};
    if (child_ && is_signallable(state_of(phase_)) && random.chance(20)) return SignalFailed{"why"};
    return random.pick<Event>({StartAsked{}, StartAsked{}, StopAsked{}, GiveUpAsked{}, TimePassed{}});
  }

  Step feed(const Event& event) {
    if (const auto* spawned = std::get_if<Spawned>(&event)) {
      child_ = spawned->child;
      born_at_ = now_;
    }
    const bool is_answer = std::holds_alternative<Spawned>(event) || std::holds_alternative<SpawnFailed>(event);
    if (is_answer) --spawns_outstanding_;
    if (std::holds_alternative<Died>(event)) child_.reset();
    Step taken = step(phase_, policy_, event, now_);
    phase_ = taken.next;
    for (const Action& action : taken.actions) {
      if (!std::holds_alternative<Spawn>(action)) continue;
      ++spawns_outstanding_;
      ++serial_;
    }
    return taken;
  }

  Step advance(Random& random) { return feed(next_event(random)); }

 private:
  Policy policy_;
  Phase phase_;
  Instant now_{std::chrono::seconds{1000}};
  Instant born_at_;
  std::uint64_t serial_ = 0;
  int spawns_outstanding_ = 0;
  std::optional<ProcessId> child_;
};

}  // namespace upkeep::core
