// upkeep: one binary, many names.
#include <sys/auxv.h>

#include <cstdio>
#include <cstring>
#include <string_view>

#include "app/applets.h"
#include "app/link_name.h"

namespace {

constexpr const char* kUsage =
    "Usage: upkeep APPLET [ARGUMENT...]\n"
    "       upkeep --version | --help\n"
    "or through a link of the applet's name: supervisord -n -c supervisord.conf\n"
    "\n"
    "Applets:\n";

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

int usage(std::FILE* where, int exit_status) {
  std::fputs(kUsage, where);
  std::fflush(where);
  if (where == stdout) upkeep::app::print_applets();
  return exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 1) return 2;
  if (const auto* applet = upkeep::app::find_applet(base_name(argv[0]))) return applet->main(argc, argv);
  const auto* executed = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));  // argv[0] may be no path
  if (const auto* applet = upkeep::app::applet_behind(executed)) return applet->main(argc, argv);
  if (argc < 2) return usage(stdout, 2);
  if (std::strcmp(argv[1], "--version") == 0) {
    std::puts("upkeep " UPKEEP_VERSION);
    return 0;
  }
  if (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0) return usage(stdout, 0);
  if (const auto* applet = upkeep::app::find_applet(argv[1])) return applet->main(argc - 1, argv + 1);
  std::fprintf(stderr, "upkeep: there is no applet '%s'; `upkeep --help` lists them\n", argv[1]);
  return 2;
}
