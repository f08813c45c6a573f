// `upkeep upgrade`: replaces a running daemon by another image of itself, and says what became of it.
//
// Exit statuses: 0 it runs the new image; 1 it goes on with the one it had, and standard error says why; 2 wrong use;
// 4 the daemon cannot be reached.
#pragma once

namespace upkeep::ctl {

int upgrade_main(int argc, char** argv);

}  // namespace upkeep::ctl
