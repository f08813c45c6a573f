// The commands of sv: what each writes to the supervisor, and what it waits for. Pure.
//
// Source: sv(8) of runit and the behaviour of its 2.1.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace upkeep::daemontools {

enum class CalledAs {
  Sv,
  InitScript,  // by another name, which is the service's: `/etc/init.d/web start`
};

struct SvVerb {
  // What is written to the supervisor, and what must have come true for each letter before waiting ends. "": nothing is
  // written.
  std::string letters{};
  bool shows_status = false;
  bool checks_only = false;  // waits for what was asked for earlier, whatever it was
  bool waits = false;        // without -v, too
  bool kills = false;        // when waiting was in vain
  bool operator==(const SvVerb&) const = default;
};

// Commands are whole words where they differ only there (start, status, stop), otherwise their first letter decides:
// "u", "up" and "upwards" are one. None: no such command.
std::optional<SvVerb> sv_verb(std::string_view word, CalledAs called_as);

}  // namespace upkeep::daemontools
