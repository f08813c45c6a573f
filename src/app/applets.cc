#include "app/applets.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "app/daemon.h"
#include "app/daemontools.h"
#include "ctl/supervisorctl.h"
#include "daemontools/envdir.h"
#include "daemontools/envini.h"
#include "daemontools/envuidgid.h"
#include "daemontools/fghack.h"
#include "daemontools/pgrphack.h"
#include "daemontools/readproctitle.h"
#include "daemontools/setlock.h"
#include "daemontools/setuidgid.h"
#include "daemontools/setuser.h"
#include "daemontools/softlimit.h"
#include "daemontools/sv.h"
#include "daemontools/svc.h"
#include "daemontools/svok.h"
#include "daemontools/svscanboot.h"
#include "daemontools/svstat.h"
#include "daemontools/svup.h"
#include "daemontools/tai64n.h"
#include "daemontools/tai64nlocal.h"
#include "multilog/multilog.h"
#include "tools/echo_supervisord_conf.h"
#include "tools/pidproxy.h"

namespace upkeep::app {
namespace {

constexpr std::array kApplets{
    Applet{"supervisord", supervisord_main, "start, watch, restart and log programs"},
    Applet{"supervisorctl", ctl::supervisorctl_main, "show and control the programs of a supervisord"},
    Applet{"echo_supervisord_conf", tools::echo_supervisord_conf_main, "print a sample configuration"},
    Applet{"pidproxy", tools::pidproxy_main, "run a command, pass signals on to the process of a pidfile"},
    Applet{"envdir", daemontools::envdir_main, "run a program with variables from the files of a directory"},
    Applet{"envini", daemontools::envini_main, "run a program with variables from an ini file"},
    Applet{"envuidgid", daemontools::envuidgid_main, "run a program with UID and GID of an account in its environment"},
    Applet{"fghack", daemontools::fghack_main, "run a daemon that puts itself into the background, stay until it ends"},
    Applet{"multilog", multilog::multilog_main, "keep lines of standard input in log directories"},
    Applet{"pgrphack", daemontools::pgrphack_main, "run a program in a process group of its own"},
    Applet{"readproctitle", daemontools::readproctitle_main, "show standard input in the process title"},
    Applet{"setlock", daemontools::setlock_main, "run a program that holds a lock"},
    Applet{"setuidgid", daemontools::setuidgid_main, "run a program as an account"},
    Applet{"setuser", daemontools::setuser_main, "run a program as an account, as login would"},
    Applet{"softlimit", daemontools::softlimit_main, "run a program with resource limits"},
    Applet{"sv", daemontools::sv_main, "control and show services, as runit's"},
    Applet{"supervise", supervise_main, "keep the service of one directory running"},
    Applet{"svc", daemontools::svc_main, "send commands to the supervisors of service directories"},
    Applet{"svok", daemontools::svok_main, "whether a service directory is supervised"},
    Applet{"svscan", svscan_main, "keep the services of all directories in a directory running"},
    Applet{"svscanboot", daemontools::svscanboot_main, "start svscan on /etc/service, with readproctitle as its log"},
    Applet{"svstat", daemontools::svstat_main, "show the status of service directories"},
    Applet{"svup", daemontools::svup_main, "whether a service is up"},
    Applet{"tai64n", daemontools::tai64n_main, "put a time stamp before each line"},
    Applet{"tai64nlocal", daemontools::tai64nlocal_main, "turn the time stamps of lines into local time"},
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
