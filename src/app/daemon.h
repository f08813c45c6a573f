// The two processes of the daemon: `supervisord` is the keeper, which starts its own image again as the engine.
#pragma once

#include <string>
#include <vector>

namespace upkeep::app {

int supervisord_main(int argc, char** argv);
int keeper_main(const std::vector<std::string>& argv);
int engine_main(int argc, char** argv);  // argv[1] on is supervisord's command line

}  // namespace upkeep::app
