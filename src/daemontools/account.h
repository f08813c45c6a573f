// An account of the user database, and becoming it. By name only: daemontools takes a number for an unknown account.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "daemontools/child_environment.h"

namespace upkeep::daemontools {

struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
  std::string shell;
};

// None: it has said so ("TOOL: fatal: unknown account NAME"); the exit status is kFatal.
std::optional<Account> find_account(std::string_view tool, const char* name);

void put_ids(const Account& account, ChildEnvironment& environment);  // UID and GID, decimal

enum class Groups {
  Primary,  // the account's own group and no other
  All,      // also those that list it as a member
};

// Groups, then gid, then uid, for good. False: it has said what failed; the exit status is kFatal.
bool become(std::string_view tool, const Account& account, Groups groups);

}  // namespace upkeep::daemontools
