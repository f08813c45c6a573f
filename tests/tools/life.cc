// probe life --folder DIR --name NAME [option]...: a program of the soak test. It keeps a LifeRecord, and writes
// numbered lines "NAME RUN NUMBER xxx...", each with one write(2), NUMBER counting from 1 in each run.
//
//   --every-ms MS      between two bursts of lines; without it, no lines
//   --burst N          lines in a burst (1)
//   --payload BYTES    of each line (20)
//   --both             as many lines, with numbers of their own and NAME!, on standard error
//   --ends-after-ms A --ends-before-ms B --status N   ends by itself, at a time between the two
//   --ignore-term      TERM is noted and has no effect
//   --children N       forks N children that wait in its process group; they die with the parent
//   --echo             lines from standard input are written as "NAME RUN in TEXT"
//   --accept           standard input is a listening socket: "NAME RUN PID\n" to whoever connects
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "life_record.h"
#include "probe.h"

namespace probe {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

int open_signals() {
  sigset_t told;
  sigemptyset(&told);
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGALRM}) sigaddset(&told, signal);
  sigprocmask(SIG_BLOCK, &told, nullptr);
  const int fd = signalfd(-1, &told, SFD_CLOEXEC);
  if (fd < 0) die("signalfd");
  return fd;
}

bool is_writable(int fd) {
  pollfd asked{fd, POLLOUT, 0};
  return poll(&asked, 1, 0) == 1;
}

class Life {
 public:
  explicit Life(Arguments arguments)
      : name_(option(arguments, "--name", "")),
        record_(std::string(option(arguments, "--folder", ".")), name_),
        signals_(open_signals()),
        every_ms_(number(option(arguments, "--every-ms", "0"))),
        burst_(number(option(arguments, "--burst", "1"))),
        payload_(static_cast<std::size_t>(number(option(arguments, "--payload", "20"))), 'x'),
        both_(has_flag(arguments, "--both")),
        ignores_term_(has_flag(arguments, "--ignore-term")),
        echoes_(has_flag(arguments, "--echo")),
        accepts_(has_flag(arguments, "--accept")),
        status_(static_cast<int>(number(option(arguments, "--status", "0")))) {
    if (name_.empty()) die("life needs a --name");
    const long least = number(option(arguments, "--ends-after-ms", "-1"));
    const long most = std::max(least, number(option(arguments, "--ends-before-ms", "0")));
    const std::int64_t now = monotonic_ns();
    if (least >= 0) ends_at_ = now + (least + now / 1000 % (most - least + 1)) * kNsPerMs;  // random enough
    if (every_ms_ > 0) line_at_ = now;
    fork_children(number(option(arguments, "--children", "0")));
    if (accepts_) fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);  // others accept on it, too
  }

  [[noreturn]] void run() {
    for (;;) {
      std::array<pollfd, 2> asked{{{signals_, POLLIN, 0}, {echoes_ || accepts_ ? STDIN_FILENO : -1, POLLIN, 0}}};
      if (poll(asked.data(), asked.size(), wait_ms()) < 0 && errno != EINTR) die("poll");
      if (asked[0].revents != 0) hear();
      if (asked[1].revents != 0) accepts_ ? answer() : echo();
      const std::int64_t now = monotonic_ns();
      if (ends_at_ && now >= *ends_at_) record_.leave(status_);
      if (line_at_ && now >= *line_at_) write_burst(now);
    }
  }

 private:
  void fork_children(long count) {
    const pid_t parent = getpid();
    for (long i = 0; i < count; ++i) {
      const pid_t child = fork();
      if (child < 0) die("fork");
      if (child > 0) continue;
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) std::_Exit(0);
      sigset_t none;
      sigemptyset(&none);
      sigprocmask(SIG_SETMASK, &none, nullptr);
      sleep_for_ever();
    }
  }

  int wait_ms() const {
    const std::int64_t never = INT64_MAX;
    const std::int64_t until = std::min(ends_at_.value_or(never), line_at_.value_or(never));
    if (until == never) return -1;
    return static_cast<int>(std::clamp<std::int64_t>((until - monotonic_ns() + kNsPerMs - 1) / kNsPerMs, 0, INT_MAX));
  }

  void hear() {
    signalfd_siginfo got{};
    if (::read(signals_, &got, sizeof got) != sizeof got) die("signalfd");
    const int signal = static_cast<int>(got.ssi_signo);
    record_.signalled(signal, static_cast<pid_t>(got.ssi_pid));
    if ((signal == SIGTERM || signal == SIGINT) && !ignores_term_) record_.leave(0);
  }

  // A pipe that is full is tried again by the next burst, so that signals are heard while nobody reads.
  void write_burst(std::int64_t now) {
    line_at_ = std::max(*line_at_ + every_ms_ * kNsPerMs, now - 100 * kNsPerMs);
    State& state = record_.state();
    for (long i = 0; i < burst_ && write_line(STDOUT_FILENO, name_, state.attempted, state.written); ++i) {
    }
    if (both_) write_line(STDERR_FILENO, name_ + '!', state.second[0], state.second[1]);
  }

  bool write_line(int fd, const std::string& name, std::uint64_t& attempted, std::uint64_t& written) {
    if (!is_writable(fd)) return false;
    attempted = written + 1;
    put(fd, name + ' ' + std::to_string(record_.run()) + ' ' + std::to_string(attempted) + ' ' + payload_ + '\n');
    written = attempted;
    return true;
  }

  void echo() {
    std::array<char, 4096> block{};
    const ssize_t size = ::read(STDIN_FILENO, block.data(), block.size());
    if (size <= 0) {
      echoes_ = false;
      return;
    }
    heard_.append(block.data(), static_cast<std::size_t>(size));
    for (std::size_t end = 0; (end = heard_.find('\n')) != std::string::npos; heard_.erase(0, end + 1)) {
      put(STDOUT_FILENO, name_ + ' ' + std::to_string(record_.run()) + " in " + heard_.substr(0, end + 1));
    }
  }

  void answer() {
    const int connection = accept4(STDIN_FILENO, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const std::string text = name_ + ' ' + std::to_string(record_.run()) + ' ' + std::to_string(getpid()) + '\n';
    send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    ::close(connection);
  }

  std::string name_;
  LifeRecord record_;
  int signals_;
  long every_ms_, burst_;
  std::string payload_, heard_;
  bool both_, ignores_term_, echoes_, accepts_;
  int status_;
  std::optional<std::int64_t> ends_at_, line_at_;
};

}  // namespace

int run_life(Arguments arguments) { Life(arguments).run(); }

}  // namespace probe
