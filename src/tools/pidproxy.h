// The applet pidproxy: runs a command that puts a daemon into the background, and passes the signals that it gets
// itself on to the process that a pidfile names. So a supervisor can stop or reload what is not its child.
//
//   pidproxy PIDFILE COMMAND [ARGUMENT...]
//
// Source: Supervisor pidproxy.py, whose poll every 5 s is replaced by waiting for the command's end.
#pragma once

namespace upkeep::tools {

// The exit status: 1 without a command, and when asked to end with nobody to pass that on to; otherwise 0, however the
// command ended.
int pidproxy_main(int argc, char** argv);

}  // namespace upkeep::tools
