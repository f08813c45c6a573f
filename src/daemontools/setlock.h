// setlock [-nNxX] FILE CHILD [ARGUMENT...]: runs a program that holds a lock.
//
// The file is created if it is not there, and never changed. The lock belongs to a descriptor that the program
// inherits, so it lasts as long as any process that has it. -n gives up where the lock is held (-N: waits, the
// default); -x leaves with status 0 and no message when there is no lock to get (-X: complains, the default).
#pragma once

namespace upkeep::daemontools {

int setlock_main(int argc, char** argv);

}  // namespace upkeep::daemontools
