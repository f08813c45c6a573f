// When the keeper dies, its engine becomes the keeper: it holds every descriptor anyway, so it writes the table into a
// memfd and executes its own image as a keeper, in its own pid. No service is signalled.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "wire/handover.h"

namespace upkeep::engine {

// `argv` is supervisord's. Returns only when it failed.
Error become_keeper(const std::vector<std::string>& argv, const std::vector<wire::HandoverItem>& items);

}  // namespace upkeep::engine
