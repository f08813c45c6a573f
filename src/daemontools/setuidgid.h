// setuidgid ACCOUNT CHILD [ARGUMENT...]: runs a program with the account's uid, gid and no supplementary groups. The
// environment stays as it is. encore's dialect has -s: with the account's supplementary groups.
#pragma once

namespace upkeep::daemontools {

int setuidgid_main(int argc, char** argv);

}  // namespace upkeep::daemontools
