// svstat DIR...: one line for each service directory. Status 0 whatever the lines say; the original's dialect has no
// options and says nothing without a directory, encore's has -l (the service only) and -L (its log only).
#pragma once

namespace upkeep::daemontools {

int svstat_main(int argc, char** argv);

}  // namespace upkeep::daemontools
