// sv [-v] [-w SECONDS] COMMAND SERVICE...: runit's client, for runsv's service directories and for those of supervise
// and svscan. Under any other name, as an init script: NAME [-w SECONDS] COMMAND, for the service of that name.
//
// A service that does not begin with "." or "/" and does not end with "/" is looked for in the directory that SVDIR
// names, by default /etc/service, or /service where only that exists. Commands that wait give up after SVWAIT (7)
// seconds. The script `check` of a service directory, when there is one, decides whether a service that runs is
// available.
#pragma once

namespace upkeep::daemontools {

// The number of services that failed, at most 99; 100 usage. As an init script: 0, 1 failure, 2 usage, for status 0 up,
// 3 down, 4 unknown, and 151 when something else fails.
int sv_main(int argc, char** argv);

}  // namespace upkeep::daemontools
