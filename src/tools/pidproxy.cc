#include "tools/pidproxy.h"

#include <fmt/core.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/text.h"
#include "config/paths.h"
#include "os/file.h"
#include "os/system_world.h"

namespace upkeep::tools {
namespace {

constexpr int kPassedOn[] = {SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGQUIT};
constexpr std::size_t kPidfileBytesMax = 4096;

sigset_t awaited_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGCHLD);
  for (const int signo : kPassedOn) ::sigaddset(&set, signo);
  return set;
}

// The command with every signal as the system gives it to a new process. A relative path is made absolute, PATH is not
// searched: so a script finds itself in $0.
Result<pid_t> start_command(char** words) {
  os::SystemWorld world;
  const std::string path = config::absolute_path(words[0], world);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int code = ::posix_spawn(&pid, path.c_str(), nullptr, &attributes, words, environ);
  ::posix_spawnattr_destroy(&attributes);
  if (code != 0) return Error::from_errno("cannot run " + path, code);
  return pid;
}

// No number, or one that kill() would take for a whole process group or for everybody: none.
std::optional<pid_t> pid_in(const std::string& pidfile) {
  const auto text = os::read_file(pidfile, kPidfileBytesMax);
  const auto number = text ? parse_number(trim(*text)) : std::nullopt;
  if (!number || *number <= 0 || *number > INT32_MAX) return std::nullopt;
  return static_cast<pid_t>(*number);
}

// The exit status, when that was the signal to end with.
std::optional<int> pass_on(int signo, const std::string& pidfile) {
  const auto pid = pid_in(pidfile);
  if (!pid) {
    fmt::print("Can't read child pidfile {}!\n", pidfile);
    std::fflush(stdout);
    return std::nullopt;
  }
  const bool passed = ::kill(*pid, signo) == 0;
  if (!passed) {
    const Error error = Error::from_errno(fmt::format("cannot signal process {} of {}", *pid, pidfile));
    fmt::print(stderr, "pidproxy: {}\n", error.text);
  }
  if (signo != SIGTERM && signo != SIGINT && signo != SIGQUIT) return std::nullopt;
  return passed ? 0 : 1;
}

// As the first process of a container we get the orphans of others, too.
bool has_ended(pid_t command) {
  pid_t ended = 0;
  while ((ended = ::waitpid(-1, nullptr, WNOHANG)) > 0)
    if (ended == command) return true;
  return false;
}

}  // namespace

int pidproxy_main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(
        "Usage: {} PIDFILE COMMAND [ARGUMENT...]\n"
        "Runs COMMAND and passes TERM, HUP, INT, USR1, USR2 and QUIT on to the process whose number is in PIDFILE.\n",
        argc > 0 ? argv[0] : "pidproxy");
    return 1;
  }
  const std::string pidfile = argv[1];
  const sigset_t awaited = awaited_signals();
  ::signal(SIGCHLD, SIG_DFL);  // ignored, it would not tell us
  ::sigprocmask(SIG_BLOCK, &awaited, nullptr);
  const auto command = start_command(argv + 2);
  if (!command) {
    fmt::print(stderr, "pidproxy: {}\n", command.error().text);
    return 0;  // as the original, which programs' exitcodes= were written for
  }
  for (;;) {
    const int signo = ::sigwaitinfo(&awaited, nullptr);
    if (signo == SIGCHLD && has_ended(*command)) return 0;
    if (signo <= 0 || signo == SIGCHLD) continue;  // EINTR: stopped and continued
    if (const auto status = pass_on(signo, pidfile)) return *status;
  }
}

}  // namespace upkeep::tools
