// The least that a piece of work can cost on this machine: the benchmark runs it beside the supervisors.
//
//   bench-floor keep COUNT PROGRAM [ARGUMENT...]   posix_spawn in a loop, then waitid and posix_spawn again for each
//   that
//                                                  ends; TERM: kill and wait for all, exit
//   bench-floor append FILE BYTES BACKUPS          read and append stdin, rotate as a program's log is rotated
//   bench-floor bounce ROUNDS                      a byte there and back through two pipes; prints rounds a second

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

extern char** environ;

namespace {

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// What the handler of TERM needs.
volatile sig_atomic_t asked_to_end = 0;
pid_t* kept = nullptr;
long kept_count = 0;

void end_all(int) {
  asked_to_end = 1;
  for (long number = 0; number < kept_count; ++number) kill(kept[number], SIGTERM);
}

// Killing in the handler leaves no gap before waitid in which TERM is missed.
class Keeping {
 public:
  Keeping(char** program, long count) : program_(program), pids_(static_cast<size_t>(count)) { kept = pids_.data(); }

  void run() {
    struct sigaction action {};
    action.sa_handler = end_all;
    sigaction(SIGTERM, &action, nullptr);
    for (size_t number = 0; number < pids_.size(); ++number) {
      spawn(number);
      ++kept_count;
    }
    for (size_t left = pids_.size(); left > 0;) {
      siginfo_t info{};
      if (waitid(P_ALL, 0, &info, WEXITED) != 0) continue;
      const size_t number = numbers_[info.si_pid];
      numbers_.erase(info.si_pid);
      if (asked_to_end == 0)
        spawn(number);
      else
        --left;
    }
  }

 private:
  void spawn(size_t number) {
    pid_t pid = 0;
    if (posix_spawn(&pid, program_[0], nullptr, nullptr, program_, environ) != 0) die("posix_spawn");
    pids_[number] = pid;
    numbers_[pid] = number;
  }

  char** program_;
  std::vector<pid_t> pids_;
  std::unordered_map<pid_t, size_t> numbers_;
};

void append(const std::string& file, long most, int backups) {
  const auto name = [&](int number) { return file + "." + std::to_string(number); };
  const auto create = [&] {
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    return fd < 0 ? (die("open"), -1) : fd;
  };
  std::vector<char> buffer(64 * 1024);
  int fd = create();
  long size = 0;
  for (ssize_t got = 0; (got = read(0, buffer.data(), buffer.size())) > 0;) {
    for (ssize_t written = 0; written < got;) {
      const ssize_t wrote = write(fd, buffer.data() + written, static_cast<size_t>(got - written));
      if (wrote < 0) die("write");
      written += wrote;
    }
    if ((size += got) < most) continue;
    close(fd);
    for (int number = backups; number > 1; --number) rename(name(number - 1).c_str(), name(number).c_str());
    rename(file.c_str(), name(1).c_str());
    fd = create();
    size = 0;
  }
}

void bounce(long rounds) {
  int there[2];
  int back[2];
  if (pipe(there) != 0 || pipe(back) != 0) die("pipe");
  char byte = 0;
  if (fork() == 0) {
    close(there[1]);
    while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1) {
    }
    _exit(0);
  }
  timespec begun{};
  timespec ended{};
  clock_gettime(CLOCK_MONOTONIC, &begun);
  for (long round = 0; round < rounds; ++round) {
    if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) die("bounce");
  }
  clock_gettime(CLOCK_MONOTONIC, &ended);
  const double seconds =
      static_cast<double>(ended.tv_sec - begun.tv_sec) + static_cast<double>(ended.tv_nsec - begun.tv_nsec) / 1e9;
  std::printf("%.0f\n", static_cast<double>(rounds) / seconds);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view work = argc > 1 ? argv[1] : "";
  if (work == "keep" && argc > 3) {
    Keeping(argv + 3, std::atol(argv[2])).run();
  } else if (work == "append" && argc == 5) {
    append(argv[2], std::atol(argv[3]), std::atoi(argv[4]));
  } else if (work == "bounce" && argc == 3) {
    bounce(std::atol(argv[2]));
  } else {
    std::fputs("bench-floor: see the head of its source for what it can do\n", stderr);
    return 2;
  }
  return 0;
}
