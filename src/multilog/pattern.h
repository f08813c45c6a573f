// Patterns of the actions - and +: does a line match as a whole? Bytes, no locale, no case folding.
//
// Simple (https://cr.yp.to/daemontools/multilog.html, "Selecting lines"): a star takes everything up to the first place
// where the pattern's next character stands, and never more: there is no backtracking. A last star takes everything.
// So "* one" matches "xy one" and neither "  one" (the first blank ends the star, and "one" must follow it) nor
// "xy one ". In "**" the first star needs a literal star to stop at, and the second is still a wildcard.
//
// Shell (daemontools-encore, action F): fnmatch(3) without flags; a line ends for it at its first zero byte.
#pragma once

#include <string>
#include <string_view>

namespace upkeep::multilog {

enum class PatternSyntax { Simple, Shell };

inline constexpr std::size_t kPatternWindowBytes = 1000;  // no pattern sees more of a line, its stamp included

struct Pattern {
  std::string text;
  PatternSyntax syntax = PatternSyntax::Simple;
  bool operator==(const Pattern&) const = default;
};

bool matches(const Pattern& pattern, std::string_view line);  // at most kPatternWindowBytes of it

}  // namespace upkeep::multilog
