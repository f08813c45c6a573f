// Which applet a link means that bears no applet's name: /etc/init.d/web → /usr/bin/sv → upkeep is sv, which takes the
// name it was called by for its service.
#pragma once

#include "app/applets.h"

namespace upkeep::app {

// Follows the links from `path`, the file that was executed, and takes the first name on the way that is an applet's.
const Applet* applet_behind(const char* path);

}  // namespace upkeep::app
