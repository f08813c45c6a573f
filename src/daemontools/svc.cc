#include "daemontools/svc.h"

#include <fcntl.h>
#include <signal.h>

#include <cerrno>
#include <string>

#include "daemontools/complaint.h"
#include "daemontools/control_letters.h"
#include "daemontools/opening.h"
#include "daemontools/options.h"
#include "daemontools/starting_directory.h"
#include "daemontools/supervise_folder.h"
#include "os/file.h"

namespace upkeep::daemontools {
namespace {

constexpr std::string_view kTool = "svc";

constexpr std::string_view kUsage =
    "svc options: u up, d down, o once, x exit, p pause, c continue, h hup, a alarm, i interrupt, t term, k kill";
constexpr std::string_view kEncoreUsage =
    "svc options: + kill process group, = kill parent process, L kill log, l kill main, u up, d down, o once, x exit, "
    "p pause, c continue, h hup, a alarm, i interrupt, t term, k kill, q quit, 1 SIGUSR1, 2 SIGUSR2, w SIGWINCH";

// A full fifo makes svc wait: a supervisor that is merely busy gets every command.
void let_wait(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK); }

void control(const std::string& directory, const std::string& letters) {
  if (::chdir(directory.c_str()) != 0) return warn(kTool, "unable to chdir to " + directory, errno);
  const auto folder = SuperviseFolder::here();
  if (!folder) return warn(kTool, "unable to setup control path for " + directory, folder.error().code);
  const Fd fifo = open_write(folder->path("control").c_str());
  if (!fifo && errno == ENXIO) return warn(kTool, "unable to control " + directory + ": supervise not running");
  if (!fifo) return warn(kTool, "unable to control " + directory, errno);
  let_wait(fifo.get());
  if (const auto written = os::write_all(fifo.get(), letters); !written)
    warn(kTool, "error writing commands to " + directory, written.error().code);
}

}  // namespace

int svc_main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  const Dialect dialect = dialect_of_environment();
  ControlLetters letters{dialect};
  Options options{argc, argv, kControlLetters};
  while (const auto letter = options.next())
    if (!letters.add(*letter)) {
      fatal(kTool, "too many options");
      return kUsageError;
    }
  if (!options.problem().empty()) return usage(options.problem(), dialect == Dialect::Encore ? kEncoreUsage : kUsage);
  const auto here = StartingDirectory::open();
  if (!here) return fatal(kTool, "unable to open current directory", errno);
  for (char** directory = options.rest(); *directory; ++directory) {
    control(*directory, letters.bytes());
    if (!here->come_back()) return fatal(kTool, "unable to set directory", errno);
  }
  return 0;
}

}  // namespace upkeep::daemontools
