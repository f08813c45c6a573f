// svok DIR: whether a supervisor runs for the service directory.
#pragma once

namespace upkeep::daemontools {

int svok_main(int argc, char** argv);  // 0 yes, kUsageError no (without a word), kFatal it cannot be told

}  // namespace upkeep::daemontools
