#include "daemontools/setuser.h"

#include <cerrno>

#include "daemontools/account.h"
#include "daemontools/child.h"
#include "daemontools/complaint.h"

namespace upkeep::daemontools {

int setuser_main(int argc, char** argv) {
  constexpr std::string_view tool = "setuser";
  if (argc < 3) return usage("setuser: usage: setuser account child");
  const auto account = find_account(tool, argv[1]);
  if (!account) return kFatal;
  ChildEnvironment environment{environ};
  environment.set("HOME", account->home);
  environment.set("SHELL", account->shell);
  environment.set("USER", account->name);
  put_ids(*account, environment);
  if (::chdir(account->home.c_str()) != 0) return fatal(tool, "unable to chdir to " + account->home, errno);
  if (!become(tool, *account, Groups::All)) return kFatal;
  return run(tool, argv + 2, environment.words());
}

}  // namespace upkeep::daemontools
