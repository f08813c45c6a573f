#include "daemontools/variable_text.h"

#include <algorithm>

namespace upkeep::daemontools {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string_view until_nul(std::string_view text) { return text.substr(0, text.find('\0')); }

// "NAME = VALUE", with blanks around neither; none: no such line.
std::optional<Variable> assignment(std::string_view line) {
  const std::string_view name = line.substr(0, line.find_first_of(" \t\r\n="));
  std::string_view rest = without_blanks(line.substr(name.size()));
  if (!rest.starts_with('=')) return std::nullopt;
  rest = without_blanks(rest.substr(1));
  return Variable{std::string{name}, std::string{until_nul(rest)}};
}

}  // namespace

std::optional<std::string> envdir_value(std::string_view content) {
  if (content.empty()) return std::nullopt;
  std::string value{content.substr(0, content.find('\n'))};
  value.resize(value.find_last_not_of(" \t") + 1);  // npos + 1 is 0
  std::replace(value.begin(), value.end(), '\0', '\n');
  return value;
}

std::vector<Variable> envini_variables(std::string_view text, std::string_view prefix) {
  std::vector<Variable> variables;
  std::string section;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = without_blanks(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == ';') continue;
    if (line.size() >= 2 && line.front() == '[' && line.back() == ']') {
      section = std::string{line.substr(1, line.size() - 2)} + "_";
    } else if (auto variable = assignment(line)) {
      variable->name = until_nul(std::string{prefix} + section + variable->name);
      variables.push_back(std::move(*variable));
    }
  }
  return variables;
}

}  // namespace upkeep::daemontools
