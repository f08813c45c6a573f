#include "ctl/namespec.h"

namespace upkeep::ctl {

Namespec split_namespec(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return {std::string{text}, std::string{text}};
  const std::string_view process = text.substr(colon + 1);
  Namespec spec{std::string{text.substr(0, colon)}, std::nullopt};
  if (!process.empty() && process != "*") spec.process = process;
  return spec;
}

std::string make_namespec(const std::string& group, const std::string& process) {
  return group == process ? process : group + ":" + process;
}

}  // namespace upkeep::ctl
