// Notes come back from the keeper after an engine died, perhaps because of them: decoding must be total, what decodes
// must encode to the same bytes, and reconciling with it must lead to a phase that answers every deadline.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/note.h"
#include "core/reconcile.h"

using namespace upkeep;
using namespace upkeep::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto note = decode_daemon_note(bytes); note && encode(*note) != bytes) std::abort();
  const auto note = decode_process_note(bytes);
  if (!note) return 0;
  if (encode(*note) != bytes) std::abort();

  const Policy policy;
  const Instant now{Duration{1'000'000'000'000}};
  const ProcessId child{note->serial};
  for (const Facts& facts :
       {Facts{NothingKnown{}}, Facts{ChildAlive{child, now}}, Facts{ExitOwed{child, now, {}, now}}}) {
    const Resumption resumption = reconcile({.policy = &policy, .note = *note, .facts = facts}, now);
    Phase phase = resumption.phase;
    for (const auto& [event, at] : resumption.happenings) phase = step(phase, policy, event, at).next;
    if (const auto due = deadline(phase)) (void)step(phase, policy, TimePassed{}, *due);  // only whether it is defined
  }
  return 0;
}
