#include "daemontools/softlimit.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "daemontools/child.h"
#include "daemontools/complaint.h"
#include "daemontools/limit_setting.h"
#include "daemontools/options.h"

namespace upkeep::daemontools {
namespace {

constexpr std::string_view kTool = "softlimit";
constexpr std::string_view kUsage =
    "softlimit: usage: softlimit [-a allbytes] [-c corebytes] [-d databytes] [-f filebytes] [-l lockbytes] "
    "[-m membytes] [-o openfiles] [-p processes] [-r residentbytes] [-s stackbytes] [-t cpusecs] child";

// The exit status to leave with; 0: it is done.
int apply(const LimitName& name, std::string_view setting, Dialect dialect) {
  for (const auto resource : name.resources) {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0) return fatal(kTool, "getrlimit failed", errno);
    const auto wanted = limit_after(limit, setting, dialect);
    if (!wanted) return usage(kUsage);
    if (::setrlimit(resource, &*wanted) != 0) return fatal(kTool, "setrlimit failed", errno);
  }
  return 0;
}

int apply_environment() {
  for (const LimitName& name : limit_names())
    if (const char* setting = std::getenv(name.variable))
      if (const int status = apply(name, setting, Dialect::Encore)) return status;
  return 0;
}

}  // namespace

int softlimit_main(int argc, char** argv) {
  const Dialect dialect = dialect_of_environment();
  if (dialect == Dialect::Encore)
    if (const int status = apply_environment()) return status;
  Options options{argc, argv, "a:c:d:f:l:m:o:p:r:s:t:"};
  while (const auto letter = options.next()) {
    const auto name = std::ranges::find(limit_names(), *letter, &LimitName::letter);
    if (const int status = apply(*name, options.argument(), dialect)) return status;
  }
  if (!options.problem().empty()) return usage(options.problem(), kUsage);
  if (!*options.rest()) return usage(kUsage);
  return run(kTool, options.rest());
}

}  // namespace upkeep::daemontools
