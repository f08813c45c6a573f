#include "daemontools/envuidgid.h"

#include "daemontools/account.h"
#include "daemontools/child.h"
#include "daemontools/complaint.h"

namespace upkeep::daemontools {

int envuidgid_main(int argc, char** argv) {
  constexpr std::string_view tool = "envuidgid";
  if (argc < 3) return usage("envuidgid: usage: envuidgid account child");
  const auto account = find_account(tool, argv[1]);
  if (!account) return kFatal;
  ChildEnvironment environment{environ};
  put_ids(*account, environment);
  return run(tool, argv + 2, environment.words());
}

}  // namespace upkeep::daemontools
