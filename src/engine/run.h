// The engine's main function.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace upkeep::engine {

// `argv` is supervisord's, `socket` the engine's end of the keeper's socket pair. Returns the process's exit status;
// what the keeper does is told over the socket.
int run_engine(const std::vector<std::string>& argv, Fd socket, const MakeFrontEnd& make_front_end);

}  // namespace upkeep::engine
