// The event loop of engine and tools: descriptors, deadlines, deferred work. One thread.
//
// `now` is frozen for one turn. Watch ids are never reused, so readiness meant for a descriptor that was closed in the
// same turn reaches nobody. A callback may destroy anything but the Loop; to destroy the very object whose callback
// runs, use defer. Time is pulled: a Clockwork says when it is next worth calling, nothing is cancelled. An idle loop
// waits for ever.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/fd.h"
#include "base/time.h"

namespace upkeep::os {

class Loop;

// Whoever has deadlines.
class Clockwork {
 public:
  virtual ~Clockwork() = default;
  virtual std::optional<Instant> next_deadline() const = 0;  // asked once a turn, before waiting
  virtual void on_time(Instant now) = 0;                     // called when now >= next_deadline()
};

// Deregisters when destroyed; destroy it before the descriptor it watches is closed. Empty when default-made.
class Watch {
 public:
  Watch() = default;
  Watch(Watch&& other) noexcept { *this = std::move(other); }
  Watch& operator=(Watch&& other) noexcept;
  ~Watch() { reset(); }
  void reset();
  // EPOLLIN, EPOLLOUT, both or 0; nothing is asked of the kernel where it is so already. With EPOLLET it always is:
  // that looks anew whether there is something.
  void set_interest(std::uint32_t epoll_events);
  explicit operator bool() const { return loop_ != nullptr; }

 private:
  friend class Loop;
  Watch(Loop& loop, std::uint64_t id) : loop_(&loop), id_(id) {}
  Loop* loop_ = nullptr;
  std::uint64_t id_ = 0;
};

class Loop {
 public:
  using Callback = std::function<void(std::uint32_t epoll_events)>;

  using Clock = std::function<Instant()>;

  // Aborts when the kernel gives no epoll. Tests and the simulation bring a clock of their own; who does must not wait.
  explicit Loop(Clock clock = monotonic_now);
  Loop(const Loop&) = delete;
  ~Loop();

  // fd is borrowed and must stay open while the Watch lives. Regular files cannot be watched (EPERM).
  Result<Watch> watch(int fd, std::uint32_t epoll_events, Callback callback);
  void add_clockwork(Clockwork& clockwork);
  void remove_clockwork(Clockwork& clockwork);
  void defer(std::function<void()> work);  // runs at the end of this turn, or of the next one when called from outside

  Instant now() const { return now_; }
  void run();  // until stop()
  void stop() { stopping_ = true; }
  // One turn: waits at most `longest` (nullopt: until something happens), dispatches, runs deadlines, then deferred
  // work.
  void turn(std::optional<Duration> longest = std::nullopt);

  // Hooks around the work of a turn, for the engine's watchdog: begin after the wait, end before the next one.
  std::function<void()> on_turn_begin, on_turn_end;

 private:
  friend class Watch;
  struct Entry {
    int fd;
    std::uint32_t interest;
    Callback callback;
  };
  std::optional<Instant> earliest_deadline() const;
  void run_deadlines();
  void run_deferred();

  Clock clock_;
  Fd epoll_;
  Instant now_;
  bool stopping_ = false;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Entry> entries_;
  std::vector<Clockwork*> clockworks_;
  std::vector<std::function<void()>> deferred_;
};

}  // namespace upkeep::os
