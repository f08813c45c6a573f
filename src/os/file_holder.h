// Who has a file open: for the one sentence that tells whom to look at when a lock is taken.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace upkeep::os {

// The lowest pid but our own and our parent's that has the file open: of a keeper and its engine the keeper, as a rule.
// nullopt: nobody whose descriptors we may see. Looks through the whole of /proc.
std::optional<pid_t> file_holder(const std::string& path);

}  // namespace upkeep::os
