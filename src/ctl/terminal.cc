#include "ctl/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/fd.h"

namespace upkeep::ctl {
namespace {

// Errors are ignored: there is nobody left to tell.
void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

class EchoOff {
 public:
  explicit EchoOff(int fd) : fd_(fd), changed_(::tcgetattr(fd, &before_) == 0) {
    if (!changed_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    (void)::tcsetattr(fd, TCSAFLUSH, &quiet);
  }
  EchoOff(const EchoOff&) = delete;
  ~EchoOff() {
    if (changed_) (void)::tcsetattr(fd_, TCSAFLUSH, &before_);
  }

 private:
  int fd_;
  termios before_{};
  bool changed_;
};

}  // namespace

void Terminal::print(std::string_view bytes) { write_all(out_, bytes); }

void Terminal::print_line(std::string_view text) {
  std::string line{text};
  line += '\n';
  print(line);
}

void Terminal::complain(std::string_view bytes) { write_all(error_, bytes); }

std::optional<std::string> Terminal::ask(std::string_view prompt) {
  print(prompt);
  for (;;) {
    if (auto line = take_line()) return line;
    if (!fill()) return take_line();
  }
}

std::optional<std::string> Terminal::ask_secret(std::string_view prompt) {
  const Fd tty{::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)};
  if (!tty) {
    complain(prompt);
    return ask("");
  }
  const EchoOff quiet{tty.get()};
  Terminal user{tty.get(), tty.get(), tty.get()};
  auto secret = user.ask(prompt);
  user.print("\n");
  return secret;
}

bool Terminal::fill() {
  char bytes[4096];
  for (;;) {
    const ssize_t got = ::read(in_, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    ended_ = got <= 0;
    if (!ended_) typed_.append(bytes, static_cast<std::size_t>(got));
    return !ended_;
  }
}

std::optional<std::string> Terminal::take_line() {
  const auto end = typed_.find('\n');
  if (end != std::string::npos) {
    std::string line = typed_.substr(0, end);
    typed_.erase(0, end + 1);
    return line;
  }
  if (!ended_ || typed_.empty()) return std::nullopt;
  return std::exchange(typed_, {});
}

}  // namespace upkeep::ctl
