// The two daemons of daemontools: like supervisord a keeper, which starts its own image again as the engine.
#pragma once

namespace upkeep::app {

int svscan_main(int argc, char** argv);     // svscan [DIR]
int supervise_main(int argc, char** argv);  // supervise DIR

}  // namespace upkeep::app
