// probe lines: numbered lines on stdout, each with one write(2), and a histogram of how long the single writes took.
//
//   probe lines --rate N|0 [--payload BYTES] [--latency-log FILE]
//
// A line is "<seq> <payload>\n", seq counting from 1. Rate 0 writes as fast as the reader takes it. On SIGUSR1, and
// when SIGTERM ends the program, FILE is replaced by "writes N\np50_us N\np99_us N\nmax_us N\n".
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <string>

#include "probe.h"

namespace probe {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::int64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * kNanosecondsPerSecond + t.tv_nsec;
}

// Sixteen buckets for every power of two: a quantile is off by 6 % at most, and recording costs a few instructions.
class Histogram {
 public:
  void record(std::int64_t ns) {
    ++buckets_[index_of(static_cast<std::uint64_t>(ns))];
    ++count_;
    max_ = std::max(max_, ns);
  }
  std::string text() const {
    std::array<char, 128> out{};
    std::snprintf(out.data(), out.size(), "writes %llu\np50_us %lld\np99_us %lld\nmax_us %lld\n",
                  static_cast<unsigned long long>(count_), static_cast<long long>(quantile(0.50) / 1000),
                  static_cast<long long>(quantile(0.99) / 1000), static_cast<long long>(max_ / 1000));
    return out.data();
  }

 private:
  static std::size_t index_of(std::uint64_t ns) {
    if (ns < 16) return ns;
    const auto shift = static_cast<unsigned>(std::bit_width(ns) - 5);
    return (shift + 1) * 16 + ((ns >> shift) & 15);
  }
  static std::int64_t lower_bound(std::size_t index) {
    if (index < 16) return static_cast<std::int64_t>(index);
    return static_cast<std::int64_t>((16 + (index & 15)) << (index / 16 - 1));
  }
  std::int64_t quantile(double share) const {
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen != 0 && static_cast<double>(seen) >= share * static_cast<double>(count_)) return lower_bound(i);
    }
    return 0;
  }

  std::array<std::uint64_t, 16 * 61> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
};

volatile std::sig_atomic_t report_asked = 0;
volatile std::sig_atomic_t end_asked = 0;

// Renamed into place, so that a reader never sees half of it.
void replace_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  FILE* file = std::fopen(fresh.c_str(), "w");
  if (file == nullptr) die(fresh);
  std::fputs(text.c_str(), file);
  std::fclose(file);
  if (std::rename(fresh.c_str(), path.c_str()) != 0) die(path);
}

// When asked to, tells what was measured since the last time.
void report_if_asked(const std::string& latency_log, Histogram& histogram) {
  if (report_asked == 0 || latency_log.empty()) return;
  report_asked = 0;
  replace_file(latency_log, histogram.text());
  histogram = {};
}

// Writes the line; false when SIGTERM ended the wait. A line fits into PIPE_BUF, so a pipe takes all of it or nothing.
bool write_line(const std::string& line, const std::string& latency_log, Histogram& histogram) {
  const std::int64_t begun = now_ns();
  while (::write(STDOUT_FILENO, line.data(), line.size()) < 0) {
    if (errno != EINTR) die("write");
    if (end_asked != 0) return false;
    report_if_asked(latency_log, histogram);
  }
  histogram.record(now_ns() - begun);
  return true;
}

}  // namespace

int run_lines(Arguments arguments) {
  const long rate = number(option(arguments, "--rate", "0"));
  const long payload_bytes = number(option(arguments, "--payload", "40"));
  const std::string latency_log{option(arguments, "--latency-log", "")};
  if (payload_bytes > 4000) die("--payload must leave a line below PIPE_BUF");

  struct sigaction on_signal {};  // without SA_RESTART: a write that waits must notice
  on_signal.sa_handler = [](int) { report_asked = 1; };
  sigaction(SIGUSR1, &on_signal, nullptr);
  on_signal.sa_handler = [](int) { end_asked = 1; };
  sigaction(SIGTERM, &on_signal, nullptr);

  const std::string payload(static_cast<std::size_t>(payload_bytes), 'x');
  Histogram histogram;
  std::int64_t due = now_ns();
  for (std::uint64_t seq = 1; end_asked == 0; ++seq) {
    if (!write_line(std::to_string(seq) + ' ' + payload + '\n', latency_log, histogram)) break;
    if (rate > 0) {
      due += kNanosecondsPerSecond / rate;
      const timespec until{due / kNanosecondsPerSecond, due % kNanosecondsPerSecond};
      while (end_asked == 0 && report_asked == 0 &&
             clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
      }
    }
    report_if_asked(latency_log, histogram);
  }
  if (!latency_log.empty()) replace_file(latency_log, histogram.text());
  return 0;
}

}  // namespace probe
