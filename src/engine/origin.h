// What a start of the daemon found around it, and later loads must know: a reread and a restart mean the same paths as
// the first start did, although a daemon has moved to another directory since. Deposited with the keeper, which keeps
// it over a restart when it forgets everything else.
#pragma once

#include <string>
#include <vector>

#include "engine/deposits.h"
#include "wire/keeper_messages.h"

namespace upkeep::engine {

inline constexpr const char* kOriginDeposit = "origin";

struct Origin {
  std::string directory;            // the current one when supervisord was started; empty: unknown
  std::string logfile;              // where the daemon logs: for a restart that fails before it knows a log of its own
  std::vector<wire::Limit> limits;  // that programs inherit, once minfds is applied
};

// Of the process as it is.
Origin find_origin();

Result<void> deposit_origin(const Origin& origin, Deposits& deposits);
// Error: there is none, or it is damaged.
Result<Origin> recover_origin(Deposits& deposits);

}  // namespace upkeep::engine
