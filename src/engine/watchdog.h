// Ends an engine that hangs: a one-shot timer, armed while a turn of the loop works and disarmed before it waits, whose
// SIGABRT leaves a trace of where it hung (os/crash_trace.h). An idle engine has no timer armed.
#pragma once

#include <ctime>

#include "base/time.h"
#include "os/loop.h"

namespace upkeep::engine {

inline constexpr Duration kTurnLimit{std::chrono::seconds{10}};

class Watchdog {
 public:
  // `limit`: how long one turn may work.
  explicit Watchdog(os::Loop& loop, Duration limit = kTurnLimit);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;

 private:
  void set(Duration left);
  os::Loop& loop_;
  Duration limit_;
  static constexpr const char* kWhy = "a turn took longer than 10 s";  // of kTurnLimit, for the trace
  timer_t timer_{};
  bool works_ = false;
};

}  // namespace upkeep::engine
