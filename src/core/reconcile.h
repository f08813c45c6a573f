// What a starting engine does about one process. Recovery and first start are the same code: the keeper's facts (what
// is alive, which exits are owed) and the last engine's note go in, the phase to resume in comes out.
//
// Facts outrank notes. `death` below means: feed Died, as of the time of death.
//
//   note's phase              | nothing known             | child alive                | exit owed
//   --------------------------+---------------------------+----------------------------+---------------------------
//   no note, or facts only    | Stopped; StartAsked if    | Running                    | Running, death
//                             | it starts automatically   |                            |
//   Starting without child    | the spawn again; Stopped  | Starting with the child,   | Starting with the child,
//                             | while nothing may start   | as of its birth            | death
//   Starting, child           | the same, death (unknown) | the same                   | the same, death
//   Running                   | the same, death (unknown) | the same                   | the same, death
//   Stopping without child    | Stopped                   | the same, Spawned          | Stopping with it, death
//   Stopping, child           | the same, death (unknown) | the same, same kill_at     | the same, death
//   Unknown                   | the same, death (unknown) | the same                   | the same, death
//   Stopped, Backoff, Exited, | the same, deadlines       | Running (the note is       | the same: that exit is in
//   Fatal                     | unchanged                 | behind)                    | the note already
//
// - The note's child is its phase's, else ProcessId{serial}. An owed exit of an older child is in the note already and
//   counts as nothing known; any other child than the note's means that the note is behind, as if there were none.
// - Stopping says that the keeper was given the stop signal together with that note. Under a new keeper the process
// gets
//   it once more: nobody knows whether the old one came to send it.
// - "Starts automatically" means policy.autostart and mood Running. A process gets its first note when it is started by
//   itself or passed over, so one without is still to be started: the last engine died while it started a daemon or
//   added a group. With facts only, what users asked for is lost with the notes.
// - A child whose process is not configured is a stray: Running, StopAsked, under the default policy. It cannot come
//   from a configuration that was deposited; better stopped than forgotten.
// - Whatever deadline lies in the past by now is due at once, as in any turn of the loop.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "core/mood.h"
#include "core/note.h"
#include "core/process.h"

namespace upkeep::core {

// The keeper's facts about one slot.
struct NothingKnown {};
struct ChildAlive {
  ProcessId child;
  Instant started_at;
};
struct ExitOwed {  // not released yet
  ProcessId child;
  Instant started_at;
  ExitStatus status;
  Instant died_at;
};
using Facts = std::variant<NothingKnown, ChildAlive, ExitOwed>;

struct Survey {
  const Policy* policy = nullptr;     // of the configured process; borrowed; null: it is not configured
  std::optional<ProcessNote> note{};  // none: never written, or unreadable
  Facts facts{};
  bool facts_only = false;  // engines kept failing on the notes: ignore them
  Mood mood = Mood::Running;
  bool is_keeper_new = false;  // the last one was killed, maybe with a signal to send that it had not read yet
};

struct Happening {  // for step(phase, policy, event, at, ...)
  Event event;
  Instant at;
};

struct Resumption {
  Phase phase;
  std::vector<Action> actions{};        // to perform first
  std::vector<Happening> happenings{};  // then to feed to step(), in order
  bool stray = false;                   // not configured: use Policy{}, forget it once it is dead
};

Resumption reconcile(const Survey& survey, Instant now);

}  // namespace upkeep::core
