// What a program of the soak test leaves behind about itself, so that a test can account for every copy of it that ever
// ran: a lock, a journal and a page of numbers that another process maps.
//
// Files of the program NAME in a folder:
//   NAME.lock     fcntl lock of the living copy (not inherited by fork, gone before a parent can learn of the end)
//   NAME.state    6 numbers of 8 bytes in the machine's order, see State
//   NAME.journal  one line an occurrence, appended with one write(2); times are CLOCK_MONOTONIC in ns
//     start RUN PID TIME RUN_BEFORE ATTEMPTED WRITTEN ATTEMPTED WRITTEN   from the copy before, of both its streams
//     signal RUN PID TIME SIGNAL SENDER                 SENDER: its pid, as the kernel tells it
//     exit RUN PID TIME STATUS 0                        by its own will; there is none after SIGKILL
//     second RUN PID TIME 0 0                           another copy lives: must never happen
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace probe {

struct State {
  std::uint64_t run;        // of the living or last copy, counted from 1
  std::uint64_t pid;        // its pid; 0 once it has ended by its own will
  std::uint64_t attempted;  // number of the newest line of that run whose write began
  std::uint64_t written;    // and of the newest that the kernel took: less by one at most
  std::uint64_t second[2];  // the same of the lines on standard error
};

class LifeRecord {
 public:
  // Takes the lock and begins a run. Notes a `second` and exits with 99 when another copy lives.
  LifeRecord(const std::string& folder, const std::string& name);

  State& state() { return *state_; }
  std::uint64_t run() const { return run_; }
  void signalled(int signal, pid_t sender) const;
  [[noreturn]] void leave(int status) const;  // notes the exit

 private:
  void note(const char* what, long long first, long long second) const;

  int journal_ = -1;
  State* state_ = nullptr;
  std::uint64_t run_ = 0;
};

std::int64_t monotonic_ns();

}  // namespace probe
