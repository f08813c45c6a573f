// svup [-L] [-l] DIR (daemontools-encore): whether a service is up, and its log where the status tells of one.
#pragma once

namespace upkeep::daemontools {

// 0 up; kUsageError not up, not supervised, or -L without a log; kFatal it cannot be told.
int svup_main(int argc, char** argv);

}  // namespace upkeep::daemontools
