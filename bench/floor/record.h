// How the programs of the benchmark tell when something happened: a record of two numbers at the end of a file.
#pragma once

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace bench {

[[noreturn]] inline void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// CLOCK_MONOTONIC in nanoseconds, what Python calls time.monotonic_ns().
inline std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Appends 16 bytes: both numbers, little-endian as the machine is.
inline void append_record(const char* file, std::int64_t first, std::int64_t second) {
  const std::int64_t record[2] = {first, second};
  const int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 || write(fd, record, sizeof record) != sizeof record) die(file);
  close(fd);
}

// Tells by a record {now, own pid} in `stamps` that this program is there and waits until nobody writes to the fifo
// `gate` any more. Returns when that was.
inline std::int64_t wait_at(const char* stamps, const char* gate) {
  const int fd = open(gate, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(gate);
  append_record(stamps, now_ns(), getpid());
  char byte = 0;
  if (read(fd, &byte, 1) < 0) die("read");
  close(fd);
  return now_ns();
}

}  // namespace bench
