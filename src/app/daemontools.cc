#include "app/daemontools.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "daemontools/complaint.h"
#include "keeper/run.h"

namespace upkeep::app {

// As the original, it works in the directory that it scans.
int svscan_main(int argc, char** argv) {
  if (argc > 1 && ::chdir(argv[1]) != 0)
    return daemontools::fatal("svscan", std::string{"unable to chdir to "} + argv[1], errno);
  return keeper::run_keeper({"svscan", "."});
}

int supervise_main(int argc, char** argv) {
  if (argc != 2) return daemontools::usage("supervise: usage: supervise dir");
  return keeper::run_keeper({"supervise", argv[1]});
}

}  // namespace upkeep::app
