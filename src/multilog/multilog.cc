#include "multilog/multilog.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/dialect.h"
#include "daemontools/complaint.h"
#include "multilog/logger.h"

namespace upkeep::multilog {
namespace {

// What we open must not be taken for standard input or error.
void occupy_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
}

// SIGTERM and SIGALRM by descriptor. A closed standard error and a file size limit are errors to be told, no death; and
// a processor's end must reach us.
Result<Fd> take_signals() {
  sigset_t awaited;
  ::sigemptyset(&awaited);
  ::sigaddset(&awaited, SIGTERM);
  ::sigaddset(&awaited, SIGALRM);
  ::sigprocmask(SIG_BLOCK, &awaited, nullptr);
  for (const int signo : {SIGTERM, SIGALRM, SIGCHLD}) ::signal(signo, SIG_DFL);
  for (const int signo : {SIGPIPE, SIGXFSZ}) ::signal(signo, SIG_IGN);
  Fd signals{::signalfd(-1, &awaited, SFD_NONBLOCK | SFD_CLOEXEC)};
  if (!signals) return Error::from_errno("unable to wait for signals");
  return signals;
}

int give_up(const Error& error) { return daemontools::fatal(kTool, error.text, error.code); }

}  // namespace

int multilog_main(int argc, char** argv) {
  occupy_standard_descriptors();
  ::umask(022);
  const Result<Fd> signals = take_signals();
  if (!signals) return give_up(signals.error());
  PausingTrouble trouble;
  Logger logger{parse_script({argv + 1, argv + argc}, dialect_of_environment()), trouble};
  if (const auto opened = logger.open(); !opened) return give_up(opened.error());
  if (const auto ended = logger.run(STDIN_FILENO, signals->get()); !ended) return give_up(ended.error());
  return 0;
}

}  // namespace upkeep::multilog
