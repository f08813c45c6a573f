// A supervisor's status as sv shows and judges it, whoever wrote it. Pure.
//
// runit's record has 20 bytes: 18 as supervise's, then whether TERM was sent and 0 down, 1 run, 2 finish. A record of
// daemontools has 18, or 20 and 40 with a state in byte 18 and 0 in byte 19 (wire/status_record.h). The two can be told
// apart wherever they differ: a record of runit's with a pid has 1 or 2 in byte 19.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/tai64n.h"

namespace upkeep::daemontools {

struct SvView {
  enum class Kind { Down, Run, Finish };
  Kind kind = Kind::Down;
  bool runit = false;     // the writer is runsv
  bool starting = false;  // a start script runs, not yet the service
  std::uint32_t pid = 0;  // 0 also for encore's service that has only a start script, and is up
  bool paused = false;
  char want = 0;
  bool got_term = false;
  Tai64n since;

  bool up() const { return kind != Kind::Down; }
};

struct SvViews {
  SvView service;
  std::optional<SvView> log{};  // of a log script: the same supervisor's
};

std::optional<SvViews> sv_views(std::string_view status);  // none: too short

// "run: web: (pid 12) 3s, normally down, paused", without a newline. `now`: seconds of a label.
std::string sv_line(const SvView& view, std::string_view name, bool normally_up, std::uint64_t now);

// What `x` means to this supervisor: runsv sends TERM by itself, supervise does not and so is told to go down first.
std::string letters_for(const SvView& view, std::string_view letters);

// Whether what `letters` begin with is in progress already. TERM a second time makes some services stop less gently.
bool is_under_way(const SvView& view, std::string_view letters);

// What came of one letter since `asked`. NeedsCheck: it is so if the script `check` agrees.
enum class Outcome { Pending, NeedsCheck, Reached };
Outcome outcome(const SvView& view, char letter, const Tai64n& asked);
Outcome outcome_of_check(const SvView& view);  // of the command `check`: a service that is up must be available

}  // namespace upkeep::daemontools
