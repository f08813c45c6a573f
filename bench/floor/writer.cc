// A program that writes much: lines of 100 bytes to its standard output, as fast as they are taken.
//
//   bench-writer STAMPS GATE BYTES RESULTS
//
// Tells in STAMPS that it is there and waits at GATE (record.h), writes BYTES bytes, 64 KiB at a time, appends {when it
// began, when the last byte was taken} to RESULTS, and waits. A line is "BBBBBB LLLLLL filler\n": its block of kLines
// lines and its number in that block, so that no two are alike and whoever reads the log can tell what is missing.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "record.h"

namespace {

constexpr size_t kLineBytes = 100;
constexpr size_t kLines = 16'384;
constexpr size_t kBlockBytes = kLines * kLineBytes;  // 25 writes
constexpr size_t kWriteBytes = 65'536;
constexpr size_t kNumberBytes = 6;

std::vector<char> first_block() {
  std::vector<char> block(kBlockBytes, 'x');
  for (size_t line = 0; line < kLines; ++line) {
    char numbers[32];
    const int length = std::snprintf(numbers, sizeof numbers, "%06d %06zu ", 0, line);
    std::memcpy(&block[line * kLineBytes], numbers, static_cast<size_t>(length));
    block[(line + 1) * kLineBytes - 1] = '\n';
  }
  return block;
}

void renumber(std::vector<char>& block, size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%06zu", number);
  for (size_t line = 0; line < kLines; ++line) std::memcpy(&block[line * kLineBytes], text, kNumberBytes);
}

void write_lines(size_t bytes) {
  std::vector<char> block = first_block();
  for (size_t number = 0, at = 0; bytes > 0; at = 0, ++number) {
    if (number > 0) renumber(block, number);
    while (at < kBlockBytes && bytes > 0) {
      const ssize_t wrote = write(STDOUT_FILENO, &block[at], std::min({kWriteBytes, kBlockBytes - at, bytes}));
      if (wrote < 0) bench::die("write");
      at += static_cast<size_t>(wrote);
      bytes -= static_cast<size_t>(wrote);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("bench-writer STAMPS GATE BYTES RESULTS\n", stderr);
    return 2;
  }
  const std::int64_t begun = bench::wait_at(argv[1], argv[2]);
  write_lines(static_cast<size_t>(std::atoll(argv[3])));
  bench::append_record(argv[4], begun, bench::now_ns());
  for (;;) pause();
}
