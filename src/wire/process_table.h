// All processes as one text: what `supervisorctl status` shows of them, in a fortieth of the bytes that the same takes
// as structs of XML-RPC.
//
// A line a process, each ends in LF; five fields, a TAB between them: group, name, number of the state, name of the
// state, description. In a field, "\\", "\t", "\n" and "\r" stand for a backslash, TAB, LF and CR.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace upkeep::wire {

struct ProcessRow {
  std::string group, name;
  std::int64_t state = 0;
  std::string state_name, description;
  bool operator==(const ProcessRow&) const = default;
};

void append_process_row(std::string& table, std::string_view group, std::string_view name, std::int64_t state,
                        std::string_view state_name, std::string_view description);

// Fields after the fifth are ignored: a newer daemon may tell more. Error: a line that is none of the above.
Result<std::vector<ProcessRow>> parse_process_table(std::string_view table);

}  // namespace upkeep::wire
