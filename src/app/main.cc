// upkeep: one binary, many names.
#include <sys/auxv.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "app/applets.h"
#include "app/commands.h"
#include "app/daemon.h"
#include "app/link_name.h"
#include "base/version.h"
#include "keeper/image_check.h"
#include "wire/handover.h"

namespace {

constexpr const char* kUsage =
    "Usage: upkeep COMMAND [OPTION...]\n"
    "       upkeep APPLET [ARGUMENT...]\n"
    "       upkeep --version | --help\n"
    "An applet is also what a link of its name runs: supervisord -n -c supervisord.conf\n";

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

int usage(std::FILE* where, int exit_status) {
  std::fputs(kUsage, where);
  std::fflush(where);
  if (where != stdout) return exit_status;
  std::puts("\nCommands:");
  upkeep::app::print_commands();
  std::puts("\nApplets:");
  upkeep::app::print_applets();
  return exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 1) return 2;
  if (::getenv(upkeep::wire::kHandoverVariable)) {  // we are what a keeper has become, under whatever name it has
    const bool is_asked_only = argc == 2 && std::strcmp(argv[1], upkeep::keeper::kCheckOption) == 0;
    return is_asked_only ? upkeep::keeper::check_table() : upkeep::app::keeper_main({argv, argv + argc});
  }
  if (const auto* applet = upkeep::app::find_applet(base_name(argv[0]))) return applet->main(argc, argv);
  const auto* executed = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));  // argv[0] may be no path
  if (const auto* applet = upkeep::app::applet_behind(executed)) return applet->main(argc, argv);
  if (argc < 2) return usage(stdout, 2);
  if (std::strcmp(argv[1], "--version") == 0) {
    std::printf("upkeep %s\n", upkeep::version());
    return 0;
  }
  if (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0) return usage(stdout, 0);
  if (const auto* command = upkeep::app::find_command(argv[1])) return command->main(argc - 1, argv + 1);
  if (const auto* applet = upkeep::app::find_applet(argv[1])) return applet->main(argc - 1, argv + 1);
  std::fprintf(stderr, "upkeep: there is no command or applet '%s'; `upkeep --help` lists them\n", argv[1]);
  return 2;
}
