// svscanboot: starts svscan on /etc/service (or, where only that exists, /service) from inittab or a boot script, with
// nothing around it: an environment of PATH alone, standard input from nowhere, and readproctitle in place of a log, so
// that the last errors can be seen with ps.
//
// Services that an earlier svscan left behind are told to end first. The process becomes svscan itself, so that whoever
// started it sees and signals svscan (the original's shell stays as the parent of both).
#pragma once

namespace upkeep::daemontools {

int svscanboot_main(int argc, char** argv);  // arguments mean nothing; returns only on failure

}  // namespace upkeep::daemontools
