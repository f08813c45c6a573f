// probe SUB-COMMAND ...: see the table at the end.
#include "probe.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

namespace probe {

std::string_view option(Arguments arguments, std::string_view name, std::string_view fallback) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (name != arguments[i]) continue;
    if (i + 1 == arguments.size()) die(std::string(name) + " needs a value");
    return arguments[i + 1];
  }
  return fallback;
}

bool has_flag(Arguments arguments, std::string_view name) {
  for (const char* argument : arguments) {
    if (name == argument) return true;
  }
  return false;
}

long number(std::string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) die("not a number: " + std::string(text));
  return value;
}

long number_at(Arguments arguments, std::size_t i) {
  if (i >= arguments.size()) die("an argument is missing");
  return number(arguments[i]);
}

void die(std::string_view what) {
  std::fprintf(stderr, "probe: %.*s: %s\n", static_cast<int>(what.size()), what.data(), std::strerror(errno));
  std::_Exit(111);
}

void sleep_for_ever() {
  for (;;) pause();
}

void sleep_ms(long ms) {
  timespec left{ms / 1000, ms % 1000 * 1'000'000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

void put(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(fd, text.data(), text.size());
    if (size < 0 && errno != EINTR) die("write");
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
}

namespace {

pid_t fork_or_die() {
  const pid_t pid = fork();
  if (pid < 0) die("fork");
  return pid;
}

int exit_after(Arguments arguments) {
  sleep_ms(number_at(arguments, 0));
  return static_cast<int>(number_at(arguments, 1));
}

// exit-on-usr1 CODE: lets a test choose the moment.
int exit_on_usr1(Arguments arguments) {
  sigset_t asked;
  sigemptyset(&asked);
  sigaddset(&asked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &asked, nullptr);
  put(STDOUT_FILENO, "ready\n");
  while (sigwaitinfo(&asked, nullptr) != SIGUSR1) {
  }
  return static_cast<int>(number_at(arguments, 0));
}

int wait_to_be_stopped(Arguments) { sleep_for_ever(); }

int ignore_term(Arguments) {
  std::signal(SIGTERM, SIG_IGN);
  put(STDOUT_FILENO, "ready\n");
  sleep_for_ever();
}

// Tells of each signal that may ask it to go, and ends with status 0 on the last kind only.
int tell_signals(Arguments) {
  static constexpr std::array<std::pair<int, const char*>, 6> kTold{{{SIGHUP, "HUP\n"},
                                                                     {SIGINT, "INT\n"},
                                                                     {SIGQUIT, "QUIT\n"},
                                                                     {SIGUSR1, "USR1\n"},
                                                                     {SIGUSR2, "USR2\n"},
                                                                     {SIGTERM, "TERM\n"}}};
  sigset_t told;
  sigemptyset(&told);
  for (const auto& [signal, name] : kTold) sigaddset(&told, signal);
  sigprocmask(SIG_BLOCK, &told, nullptr);
  put(STDOUT_FILENO, "ready\n");
  for (;;) {
    const int got = sigwaitinfo(&told, nullptr);
    for (const auto& [signal, name] : kTold) {
      if (signal == got) put(STDOUT_FILENO, name);
    }
    if (got == SIGTERM) return 0;
  }
}

// A child of its own in the same process group; "child PID" on stdout. With --ignore-term the parent ignores SIGTERM.
int fork_grandchild(Arguments arguments) {
  const pid_t child = fork_or_die();
  if (child == 0) sleep_for_ever();
  if (has_flag(arguments, "--ignore-term")) std::signal(SIGTERM, SIG_IGN);
  put(STDOUT_FILENO, "child " + std::to_string(child) + '\n');
  sleep_for_ever();
}

// What a newcomer runs under a supervisor by mistake: forks twice into the background, and the started process ends.
int daemonize(Arguments arguments) {
  sleep_ms(number(option(arguments, "--after-ms", "0")));
  if (fork_or_die() != 0) return 0;
  setsid();
  if (fork_or_die() != 0) std::_Exit(0);
  sleep_for_ever();
}

// exit-after, but a descendant in another session keeps stdout open for ever: an exit is not an end-of-file.
int hold_pipe(Arguments arguments) {
  const pid_t child = fork_or_die();
  if (child == 0) {
    setsid();
    sleep_for_ever();
  }
  put(STDOUT_FILENO, "child " + std::to_string(child) + '\n');
  return exit_after(arguments);
}

// orphans COUNT MS: COUNT grandchildren that lose their parent at once and end after MS; then "made COUNT".
int orphans(Arguments arguments) {
  const long count = number_at(arguments, 0);
  const long ms = number_at(arguments, 1);
  for (long i = 0; i < count; ++i) {
    const pid_t parent = fork_or_die();
    if (parent == 0) {
      if (fork_or_die() == 0) sleep_ms(ms);
      std::_Exit(0);
    }
    waitpid(parent, nullptr, 0);
  }
  put(STDOUT_FILENO, "made " + std::to_string(count) + '\n');
  sleep_for_ever();
}

int echo_stdin(Arguments) {
  put(STDOUT_FILENO, "ready\n");
  std::array<char, 4096> block{};
  ssize_t size = 0;
  while ((size = ::read(STDIN_FILENO, block.data(), block.size())) > 0) {
    put(STDOUT_FILENO, {block.data(), static_cast<std::size_t>(size)});
  }
  put(STDOUT_FILENO, size == 0 ? "end of file\n" : "error\n");
  return 0;
}

// say TEXT [--to-stderr TEXT]: one line each, then waits.
int say(Arguments arguments) {
  if (arguments.empty()) die("say needs a text");
  put(STDOUT_FILENO, std::string(arguments[0]) + '\n');
  if (const auto text = option(arguments, "--to-stderr", ""); !text.empty())
    put(STDERR_FILENO, std::string(text) + '\n');
  sleep_for_ever();
}

struct Command {
  std::string_view name;
  int (*run)(Arguments);
};
constexpr std::array kCommands{
    Command{"wait", wait_to_be_stopped},
    Command{"say", say},
    Command{"exit-after", exit_after},
    Command{"exit-on-usr1", exit_on_usr1},
    Command{"ignore-term", ignore_term},
    Command{"tell-signals", tell_signals},
    Command{"fork-grandchild", fork_grandchild},
    Command{"daemonize", daemonize},
    Command{"hold-pipe", hold_pipe},
    Command{"orphans", orphans},
    Command{"echo-stdin", echo_stdin},
    Command{"lines", run_lines},
    Command{"check-lines", check_lines},
    Command{"life", run_life},
    Command{"listen", run_listen},
    Command{"fds", report},
    Command{"deny-new-calls", deny_new_calls},
    Command{"deny-inotify", deny_inotify},
};

}  // namespace
}  // namespace probe

int main(int argc, char** argv) {
  if (argc >= 2) {
    for (const auto& command : probe::kCommands) {
      if (command.name == argv[1]) return command.run({argv + 2, static_cast<std::size_t>(argc - 2)});
    }
  }
  std::fputs("usage: probe SUB-COMMAND ...; the sub-commands are\n", stderr);
  for (const auto& command : probe::kCommands) {
    std::fprintf(stderr, "  %.*s\n", static_cast<int>(command.name.size()), command.name.data());
  }
  return 100;
}
