#include "daemontools/pgrphack.h"

#include "daemontools/child.h"
#include "daemontools/complaint.h"

namespace upkeep::daemontools {

int pgrphack_main(int argc, char** argv) {
  if (argc < 2) return usage("pgrphack: usage: pgrphack child");
  (void)::setsid();  // fails for a leader of a group, which has what it asked for
  return run("pgrphack", argv + 1);
}

}  // namespace upkeep::daemontools
