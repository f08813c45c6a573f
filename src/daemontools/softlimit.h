// softlimit [-a N] [-c N] … CHILD [ARGUMENT...]: runs a program with lower soft resource limits. Options are applied
// from left to right; limits are never raised above the hard ones, without a word about it.
#pragma once

namespace upkeep::daemontools {

int softlimit_main(int argc, char** argv);

}  // namespace upkeep::daemontools
