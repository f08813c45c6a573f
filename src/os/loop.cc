#include "os/loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace upkeep::os {
namespace {

constexpr int kEventsPerTurn = 256;

// epoll waits in milliseconds: round up, or the loop would spin through the last one.
int wait_ms(std::optional<Duration> wait) {
  if (!wait) return -1;
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(*wait).count();
  return static_cast<int>(std::clamp<long long>(ms, 0, 3'600'000));
}

}  // namespace

Watch& Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    reset();
    loop_ = std::exchange(other.loop_, nullptr);
    id_ = std::exchange(other.id_, 0);
  }
  return *this;
}

void Watch::reset() {
  if (!loop_) return;
  const auto found = loop_->entries_.find(id_);
  if (found != loop_->entries_.end()) {
    (void)::epoll_ctl(loop_->epoll_.get(), EPOLL_CTL_DEL, found->second.fd, nullptr);  // fails only if already gone
    loop_->entries_.erase(found);
  }
  loop_ = nullptr;
}

void Watch::set_interest(std::uint32_t epoll_events) {
  if (!loop_) return;
  Loop::Entry& entry = loop_->entries_.at(id_);
  if (entry.interest == epoll_events && (epoll_events & EPOLLET) == 0) return;
  entry.interest = epoll_events;
  epoll_event event{};
  event.events = epoll_events;
  event.data.u64 = id_;
  if (::epoll_ctl(loop_->epoll_.get(), EPOLL_CTL_MOD, entry.fd, &event) != 0) std::abort();
}

Loop::Loop(Clock clock) : clock_(std::move(clock)), epoll_(::epoll_create1(EPOLL_CLOEXEC)), now_(clock_()) {
  if (!epoll_) {
    std::perror("upkeep: epoll_create1");
    std::abort();
  }
}

Loop::~Loop() = default;

Result<Watch> Loop::watch(int fd, std::uint32_t epoll_events, Callback callback) {
  const std::uint64_t id = next_id_++;
  epoll_event event{};
  event.events = epoll_events;
  event.data.u64 = id;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return Error::from_errno("watch a descriptor");
  entries_.emplace(id, Entry{fd, epoll_events, std::move(callback)});
  return Watch{*this, id};
}

void Loop::add_clockwork(Clockwork& clockwork) { clockworks_.push_back(&clockwork); }

void Loop::remove_clockwork(Clockwork& clockwork) { std::erase(clockworks_, &clockwork); }

void Loop::defer(std::function<void()> work) { deferred_.push_back(std::move(work)); }

std::optional<Instant> Loop::earliest_deadline() const {
  std::optional<Instant> earliest;
  for (const Clockwork* clockwork : clockworks_) {
    const auto next = clockwork->next_deadline();
    if (next && (!earliest || *next < *earliest)) earliest = next;
  }
  return earliest;
}

void Loop::run_deadlines() {
  const auto clockworks = clockworks_;  // on_time may add or remove some
  for (Clockwork* clockwork : clockworks) {
    if (std::find(clockworks_.begin(), clockworks_.end(), clockwork) == clockworks_.end()) continue;
    const auto next = clockwork->next_deadline();
    if (next && *next <= now_) clockwork->on_time(now_);
  }
}

void Loop::run_deferred() {
  const auto work = std::exchange(deferred_, {});
  for (const auto& piece : work) piece();
}

void Loop::run() {
  stopping_ = false;
  while (!stopping_) turn();
}

void Loop::turn(std::optional<Duration> longest) {
  std::optional<Duration> wait = longest;
  if (const auto deadline = earliest_deadline()) {
    const Duration left = *deadline - clock_();
    if (!wait || left < *wait) wait = left;
  }
  if (!deferred_.empty()) wait = Duration{0};

  std::array<epoll_event, kEventsPerTurn> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, wait_ms(wait));
  if (on_turn_begin) on_turn_begin();
  now_ = clock_();
  for (int i = 0; i < count; ++i) {
    const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;  // a copy: the kernel's struct is packed
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;             // closed earlier in this turn
    const Callback callback = found->second.callback;  // a copy: the callback may deregister itself
    callback(events[static_cast<std::size_t>(i)].events);
  }
  run_deadlines();
  run_deferred();
  if (on_turn_end) on_turn_end();
}

}  // namespace upkeep::os
