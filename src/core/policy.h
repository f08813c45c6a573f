// What a program's configuration says about its life. One machine (core/process.h), two personalities: Supervisor's
// (startsecs, startretries, FATAL) and daemontools' (one start a second at most, never gives up).
#pragma once

#include <csignal>
#include <optional>
#include <vector>

#include "base/exit_status.h"
#include "base/time.h"

namespace upkeep::core {

// The end of a wait; never past the end of time, because "forever" is written as a huge number in configuration files.
Instant later(Instant from, Duration wait);

enum class Restart { Never, Unexpected, Always };  // autorestart=false, unexpected, true

struct Policy {
  bool autostart = true;
  Restart restart = Restart::Unexpected;
  std::vector<int> exit_codes{0};                  // expected ones, in the order written
  Duration start_time{std::chrono::seconds{1}};    // startsecs: younger deaths are failed starts; 0: none is
  std::optional<int> start_retries = 3;            // failed starts tolerated before FATAL; nullopt: never gives up
  Duration backoff_step{std::chrono::seconds{1}};  // the n-th wait is n steps (Supervisor)
  Duration start_interval{0};                      // at least this long between two starts (daemontools: 1 s)
  int stop_signal = SIGTERM;
  Duration stop_wait{std::chrono::seconds{10}};  // then SIGKILL, again after each further wait
  bool stop_as_group = false;                    // the first signal goes to the process group
  bool kill_as_group = false;                    // every later one does
  bool operator==(const Policy&) const = default;

  bool expects(const ExitStatus& status) const;        // exited with one of exit_codes
  bool wants_restart(const ExitStatus& status) const;  // after an exit that was not asked for
  Duration backoff(int failures) const;                // how long to wait after the n-th failed start
};

}  // namespace upkeep::core
