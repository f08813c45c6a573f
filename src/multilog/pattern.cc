#include "multilog/pattern.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>

namespace upkeep::multilog {
namespace {

bool matches_simple(std::string_view pattern, std::string_view line) {
  while (!pattern.empty()) {
    if (pattern.front() != '*') {
      if (line.empty() || line.front() != pattern.front()) return false;
      line.remove_prefix(1);
      pattern.remove_prefix(1);
      continue;
    }
    pattern.remove_prefix(1);
    if (pattern.empty()) return true;
    const auto stop = line.find(pattern.front());
    if (stop == std::string_view::npos) return false;
    line.remove_prefix(stop);
  }
  return line.empty();
}

bool matches_shell(const std::string& pattern, std::string_view line) {
  std::array<char, kPatternWindowBytes + 1> text;
  *std::copy(line.begin(), line.end(), text.begin()) = '\0';
  return ::fnmatch(pattern.c_str(), text.data(), 0) == 0;
}

}  // namespace

bool matches(const Pattern& pattern, std::string_view line) {
  line = line.substr(0, kPatternWindowBytes);
  return pattern.syntax == PatternSyntax::Simple ? matches_simple(pattern.text, line)
                                                 : matches_shell(pattern.text, line);
}

}  // namespace upkeep::multilog
