// fghack CHILD [ARGUMENT...]: runs a daemon that puts itself into the background, and stays until the whole of it is
// gone.
//
// The daemon's processes inherit many copies of a pipe's writing end; the pipe's end is theirs. A daemon that closes
// all descriptors defeats that. Signals are not passed on.
#pragma once

namespace upkeep::daemontools {

int fghack_main(int argc, char** argv);  // the child's exit status; kFatal when a signal killed it

}  // namespace upkeep::daemontools
