// setuser ACCOUNT CHILD [ARGUMENT...] (daemontools-encore): runs a program as login would: HOME, SHELL, USER, UID and
// GID set, in the home directory, with the account's uid, gid and all its groups.
#pragma once

namespace upkeep::daemontools {

int setuser_main(int argc, char** argv);

}  // namespace upkeep::daemontools
