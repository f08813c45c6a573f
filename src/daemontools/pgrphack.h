// pgrphack CHILD [ARGUMENT...]: runs a program in a session and process group of its own.
#pragma once

namespace upkeep::daemontools {

int pgrphack_main(int argc, char** argv);

}  // namespace upkeep::daemontools
