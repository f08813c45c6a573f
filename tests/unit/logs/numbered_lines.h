// A stream whose every line says where it belongs, the process that writes it, and the search for losses and repeats in
// a copy.
#pragma once

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

namespace upkeep::logs {

inline constexpr std::size_t kLineBytes = 16;  // divides a page: pipe buffers then begin and end at lines

inline std::string numbered_lines(std::size_t from, std::size_t to) {
  std::string text((to - from) * kLineBytes, '\n');
  char* at = text.data();
  for (std::size_t number = from; number < to; ++number, at += kLineBytes) {
    std::size_t rest = number;
    for (std::size_t digit = kLineBytes - 1; digit-- > 0; rest /= 10) at[digit] = static_cast<char>('0' + rest % 10);
  }
  return text;
}

// Where a text that begins with a line stands in the stream, in bytes.
inline std::size_t place_of(std::string_view text) {
  return std::strtoull(std::string{text.substr(0, kLineBytes - 1)}.c_str(), nullptr, 10) * kLineBytes;
}

class ChildProcess {  // killed, if it still runs, and reaped
 public:
  template <class Body>
  explicit ChildProcess(Body body) : pid_(::fork()) {
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    ::_exit(0);
  }
  ChildProcess(const ChildProcess&) = delete;
  ~ChildProcess() { kill(); }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  void wait() {
    if (pid_ > 0) (void)::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

// Writes lines [from, to) to a blocking descriptor, in pieces of varied size.
inline void write_numbered_lines(int fd, std::size_t from, std::size_t to) {
  static constexpr std::size_t kPieces[] = {1, 7, 256, 1000, 64, 4096, 3};
  for (std::size_t turn = 0; from < to; ++turn) {
    const std::size_t next = std::min(to, from + kPieces[turn % std::size(kPieces)]);
    const std::string text = numbered_lines(from, next);
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
      if (wrote < 0) return;
      done += static_cast<std::size_t>(wrote);
    }
    from = next;
  }
}

}  // namespace upkeep::logs
