// The applet multilog: reads lines from standard input and keeps them in log directories, as its words say (script.h).
// Exit status 0 at the end of the input, or after SIGTERM and the end of the line; 111 when it cannot begin.
#pragma once

namespace upkeep::multilog {

int multilog_main(int argc, char** argv);

}  // namespace upkeep::multilog
