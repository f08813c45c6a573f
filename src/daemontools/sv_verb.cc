#include "daemontools/sv_verb.h"

#include <algorithm>
#include <array>

namespace upkeep::daemontools {
namespace {

struct NamedVerb {
  std::string_view word;
  SvVerb verb;
};

const std::array<NamedVerb, 11>& named_verbs() {
  static const std::array<NamedVerb, 11> verbs{{
      {"start", {.letters = "u", .waits = true}},
      {"stop", {.letters = "d", .waits = true}},
      {"shutdown", {.letters = "x", .waits = true}},
      {"restart", {.letters = "tcu", .waits = true}},
      {"reload", {.letters = "h", .waits = true}},
      {"try-restart", {.letters = "tc", .waits = true}},
      {"check", {.checks_only = true, .waits = true}},
      {"force-reload", {.letters = "tc", .waits = true, .kills = true}},
      {"force-restart", {.letters = "tcu", .waits = true, .kills = true}},
      {"force-shutdown", {.letters = "x", .waits = true, .kills = true}},
      {"force-stop", {.letters = "d", .waits = true, .kills = true}},
  }};
  return verbs;
}

}  // namespace

std::optional<SvVerb> sv_verb(std::string_view word, CalledAs called_as) {
  const auto named = std::ranges::find(named_verbs(), word, &NamedVerb::word);
  if (named != named_verbs().end()) return named->verb;
  switch (const char first = word.empty() ? '\0' : word[0]) {
    case 'u':
    case 'd':
    case 'o':
    case 'p':
    case 'c':
    case 'h':
    case 'a':
    case 'i':
    case 'k':
    case 'q':
    case 't':
    case '1':
    case '2': return SvVerb{.letters = std::string(1, first)};
    case 'e':
    case 'x': return SvVerb{.letters = "x"};
    case 'E':
    case 'X': return SvVerb{.letters = "x", .waits = true, .kills = true};
    case 'D': return SvVerb{.letters = "d", .waits = true, .kills = true};
    case 'T': return SvVerb{.letters = "tc", .waits = true, .kills = true};
    case 's':
      if (called_as == CalledAs::InitScript && word != "status") return std::nullopt;
      return SvVerb{.shows_status = true};
    default: return std::nullopt;
  }
}

}  // namespace upkeep::daemontools
