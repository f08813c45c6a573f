// External process names: "proc" where group and process have one name, else "group:proc"; "group:" and "group:*" name
// a whole group (supervisor options.py make_namespec(), split_namespec()).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace upkeep::ctl {

struct Namespec {
  std::string group;
  std::optional<std::string> process;  // nullopt: the whole group
};

Namespec split_namespec(std::string_view text);
std::string make_namespec(const std::string& group, const std::string& process);

}  // namespace upkeep::ctl
