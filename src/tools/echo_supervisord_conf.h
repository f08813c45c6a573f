// The applet echo_supervisord_conf: a sample configuration on standard output. What it is called with does not matter.
#pragma once

namespace upkeep::tools {

int echo_supervisord_conf_main(int argc, char** argv);  // 0, or 1 when it could not be written

}  // namespace upkeep::tools
