#include "daemontools/account.h"

#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>

#include "daemontools/complaint.h"

namespace upkeep::daemontools {
namespace {

bool succeeded(std::string_view tool, std::string_view call, int result) {
  if (result == 0) return true;
  fatal(tool, fmt::format("unable to {}", call), errno);
  return false;
}

}  // namespace

std::optional<Account> find_account(std::string_view tool, const char* name) {
  const passwd* entry = ::getpwnam(name);
  if (!entry) {
    fatal(tool, fmt::format("unknown account {}", name));
    return std::nullopt;
  }
  return Account{entry->pw_name, entry->pw_uid, entry->pw_gid, entry->pw_dir, entry->pw_shell};
}

void put_ids(const Account& account, ChildEnvironment& environment) {
  environment.set("GID", std::to_string(account.gid));
  environment.set("UID", std::to_string(account.uid));
}

bool become(std::string_view tool, const Account& account, Groups groups) {
  return succeeded(tool, "setgid", ::setgroups(1, &account.gid)) && succeeded(tool, "setgid", ::setgid(account.gid)) &&
         (groups == Groups::Primary ||
          succeeded(tool, "initgroups", ::initgroups(account.name.c_str(), account.gid))) &&
         succeeded(tool, "setuid", ::setuid(account.uid));
}

}  // namespace upkeep::daemontools
