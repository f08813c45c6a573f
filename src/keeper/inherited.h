// What the keeper makes of the descriptors it was started with.
#pragma once

#include "keeper/keeper.h"

namespace upkeep::keeper {

// Closes what was inherited, from this descriptor on: whoever waits for the end of a pipe must not wait for us.
void close_inherited(int first);

// Fills 0, 1 and 2 with /dev/null where they are closed, so that no later descriptor lands there, and marks everything
// above as close-on-exec: programs inherit nothing by accident.
void tame_inherited();

// Our stdout and stderr as non-blocking descriptions of their own, "stdout" and "stderr": a pipe that nobody reads must
// not block us, and O_NONBLOCK on the inherited description would surprise whoever shares it. Regular files are passed
// as they are (they never block, and a second description would have a position of its own), and so is what cannot be
// opened again, such as sockets: the engine deals with those.
DepositMap stdio_deposits();

}  // namespace upkeep::keeper
