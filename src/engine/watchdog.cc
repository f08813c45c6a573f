#include "engine/watchdog.h"

#include <unistd.h>

#include <csignal>

// glibc leaves it to its users to know the member.
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace upkeep::engine {

Watchdog::Watchdog(os::Loop& loop, Duration limit) : loop_(loop), limit_(limit) {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;  // any thread might get it else, and the trace would show that one
  event.sigev_notify_thread_id = ::gettid();
  event.sigev_signo = SIGABRT;
  event.sigev_value.sival_ptr = const_cast<char*>(kWhy);
  works_ = ::timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
  loop_.on_turn_begin = [this] { set(limit_); };
  loop_.on_turn_end = [this] { set(Duration{0}); };
}

Watchdog::~Watchdog() {
  loop_.on_turn_begin = loop_.on_turn_end = nullptr;
  if (works_) ::timer_delete(timer_);
}

void Watchdog::set(Duration left) {
  if (!works_) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(seconds.count());
  when.it_value.tv_nsec = static_cast<long>((left - seconds).count());
  (void)::timer_settime(timer_, 0, &when, nullptr);
}

}  // namespace upkeep::engine
