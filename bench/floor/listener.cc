// An event listener that does nothing but listen, as cheaply as it can.
//
//   bench-listener STAMPS GATE EVENTS RESULTS
//
// Tells in STAMPS that it is there and waits at GATE (record.h) before it says READY for the first time. After EVENTS
// events it appends {when the first came, when the last came} to RESULTS, and goes on listening.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "record.h"

namespace {

constexpr std::string_view kReady = "READY\n";
constexpr std::string_view kDoneAndReady = "RESULT 2\nOKREADY\n";
constexpr std::string_view kLength = " len:";

void say(std::string_view words) {
  if (write(STDOUT_FILENO, words.data(), words.size()) != static_cast<ssize_t>(words.size())) bench::die("write");
}

// Bytes of the event at the beginning of `got`, 0 while its header is not there or not understood.
size_t event_bytes(std::string_view got) {
  const size_t end = got.find('\n');
  if (end == std::string_view::npos) return 0;
  const size_t length = got.substr(0, end).rfind(kLength);
  if (length == std::string_view::npos) return 0;
  return end + 1 + static_cast<size_t>(std::atol(got.data() + length + kLength.size()));
}

void hear_one() {
  static char buffer[65'536];
  size_t size = 0;
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, buffer + size, sizeof buffer - size);
    if (got <= 0) std::exit(0);
    size += static_cast<size_t>(got);
    const size_t whole = event_bytes({buffer, size});
    if (whole != 0 && size >= whole) return;  // the next one is not sent before this one was answered
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("bench-listener STAMPS GATE EVENTS RESULTS\n", stderr);
    return 2;
  }
  bench::wait_at(argv[1], argv[2]);
  const long wanted = std::atol(argv[3]);
  std::int64_t first = 0;
  say(kReady);
  for (long heard = 1;; ++heard) {
    hear_one();
    if (heard == 1) first = bench::now_ns();
    if (heard == wanted) bench::append_record(argv[4], first, bench::now_ns());
    say(kDoneAndReady);
  }
}
