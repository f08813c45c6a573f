#include "app/daemontools.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "app/daemon.h"
#include "daemontools/complaint.h"

namespace upkeep::app {

// As the original, it works in the directory that it scans.
int svscan_main(int argc, char** argv) {
  if (argc > 1 && ::chdir(argv[1]) != 0)
    return daemontools::fatal("svscan", std::string{"unable to chdir to "} + argv[1], errno);
  return keeper_main({"svscan", "."});
}

int supervise_main(int argc, char** argv) {
  if (argc != 2) return daemontools::usage("supervise: usage: supervise dir");
  return keeper_main({"supervise", argv[1]});
}

}  // namespace upkeep::app
