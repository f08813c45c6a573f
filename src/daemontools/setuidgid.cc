#include "daemontools/setuidgid.h"

#include "base/dialect.h"
#include "daemontools/account.h"
#include "daemontools/child.h"
#include "daemontools/complaint.h"
#include "daemontools/options.h"

namespace upkeep::daemontools {

int setuidgid_main(int argc, char** argv) {
  constexpr std::string_view tool = "setuidgid";
  const bool encore = dialect_of_environment() == Dialect::Encore;
  const std::string_view line =
      encore ? "setuidgid: usage: setuidgid [-s] account child" : "setuidgid: usage: setuidgid account child";
  char** words = argc > 0 ? argv + 1 : argv;
  Groups groups = Groups::Primary;
  if (encore) {
    Options options{argc, argv, "s"};
    while (options.next()) groups = Groups::All;
    if (!options.problem().empty()) return usage(options.problem(), line);
    words = options.rest();
  }
  if (!words[0] || !words[1]) return usage(line);
  const auto account = find_account(tool, words[0]);
  if (!account || !become(tool, *account, groups)) return kFatal;
  return run(tool, words + 1);
}

}  // namespace upkeep::daemontools
