// The keeper's table on its way into another image: a sealed memfd that is inherited over exec.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "wire/handover.h"

namespace upkeep::keeper {

Result<Fd> write_table(const std::vector<wire::HandoverItem>& items);
Result<std::vector<wire::HandoverItem>> read_table(int memfd);

// Lets every descriptor of the table live through an exec, or not, as by default.
void inherit(const std::vector<wire::HandoverItem>& items, bool wanted);

}  // namespace upkeep::keeper
