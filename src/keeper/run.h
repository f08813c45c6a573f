// The keeper's main function: what `supervisord` is once started.
#pragma once

#include <string>
#include <vector>

namespace upkeep::keeper {

// argv as the program was started; returns its exit status. In a daemon the starting process returns once the daemon is
// ready (0) or has failed.
int run_keeper(const std::vector<std::string>& argv);

}  // namespace upkeep::keeper
