// envuidgid ACCOUNT CHILD [ARGUMENT...]: runs a program with UID and GID of the account in its environment. For
// programs that start as root and drop their rights themselves.
#pragma once

namespace upkeep::daemontools {

int envuidgid_main(int argc, char** argv);

}  // namespace upkeep::daemontools
