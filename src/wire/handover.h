// A keeper's table in a memfd, for the process that becomes the next keeper: the messages a new engine would be sent,
// each with the numbers of its descriptors, which are inherited over exec.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/keeper_messages.h"

namespace upkeep::wire {

// The environment variable that tells a starting keeper the memfd's number. It removes it before anything else.
inline constexpr const char* kHandoverVariable = "UPKEEP_HANDOVER";

struct HandoverItem {
  FromKeeper message;  // Deposited, Slot, Signalled
  std::vector<int> fds;
};

std::string encode_handover(const std::vector<HandoverItem>& items);
Result<std::vector<HandoverItem>> decode_handover(std::string_view bytes);

}  // namespace upkeep::wire
