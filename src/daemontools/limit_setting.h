// What softlimit's options and, in encore's dialect, its SOFTLIMIT_… variables mean.
#pragma once

#include <sys/resource.h>

#include <optional>
#include <span>
#include <string_view>

#include "base/dialect.h"

namespace upkeep::daemontools {

struct LimitName {
  char letter;           // the option
  const char* variable;  // in the environment, encore's dialect only
  std::span<const __rlimit_resource> resources;
};

// In the order in which variables are applied: SOFTLIMIT_MEMBYTES is last and so overrides the four that name one of
// its limits each.
std::span<const LimitName> limit_names();

// The limit after `setting` is applied to `current`; none: it is no setting. "=" stands for the hard limit, and so does
// a number above it; "" for 0; digits too many for 64 bits wrap around, as in the original. encore's dialect has "-":
// no limit, neither soft nor hard.
std::optional<rlimit> limit_after(const rlimit& current, std::string_view setting, Dialect dialect);

}  // namespace upkeep::daemontools
