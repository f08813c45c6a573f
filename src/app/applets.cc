#include "app/applets.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "app/daemon.h"
#include "ctl/supervisorctl.h"
#include "tools/echo_supervisord_conf.h"
#include "tools/pidproxy.h"

namespace upkeep::app {
namespace {

constexpr std::array kApplets{
    Applet{"supervisord", supervisord_main, "start, watch, restart and log programs"},
    Applet{"supervisorctl", ctl::supervisorctl_main, "show and control the programs of a supervisord"},
    Applet{"echo_supervisord_conf", tools::echo_supervisord_conf_main, "print a sample configuration"},
    Applet{"pidproxy", tools::pidproxy_main, "run a command, pass signals on to the process of a pidfile"},
    Applet{"upkeep-engine", engine_main, nullptr},
};

}  // namespace

const Applet* find_applet(std::string_view name) {
  const auto* found =
      std::find_if(kApplets.begin(), kApplets.end(), [&](const Applet& applet) { return name == applet.name; });
  return found == kApplets.end() ? nullptr : found;
}

void print_applets() {
  for (const Applet& applet : kApplets)
    if (applet.help) std::printf("  %-22s %s\n", applet.name, applet.help);
}

}  // namespace upkeep::app
