// The program that the benchmark has supervised: tells in one record when it ran its first instruction, then waits.
//
//   bench-stamp FILE
//
// Appends 16 bytes to FILE: CLOCK_MONOTONIC in nanoseconds and the own pid, both as little-endian 64-bit numbers.
// Static, so that what is measured is the supervisor and not the dynamic loader.

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

int main(int argc, char** argv) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (argc != 2) return 2;
  const int64_t record[2] = {int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec, getpid()};
  const int fd = open(argv[1], O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0 || write(fd, record, sizeof record) != sizeof record) return 1;
  close(fd);
  for (;;) pause();
}
