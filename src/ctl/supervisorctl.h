// The applet supervisorctl: the command line client of supervisord, byte-compatible with Supervisor's.
#pragma once

namespace upkeep::ctl {

int supervisorctl_main(int argc, char** argv);  // the exit status

}  // namespace upkeep::ctl
