// Notes: what outlives the engine. The keeper stores one beside each slot as bytes that it never reads; a starting
// engine decodes them and goes on (core/reconcile.h). A process's note is written with every transition, so it is
// always the phase that the engine was in last.
//
// Format, little-endian: u8 version, then the fields in the order of the struct. Instants are raw nanoseconds of
// CLOCK_MONOTONIC, which is the same for every process of a boot; wall times are nanoseconds since 1970. A note is
// bound to the kernel's boot, never written to disk, so the version only changes when an engine is upgraded under a
// living keeper.
//
// Decoding is total: whatever the bytes, it yields a note or an error. A note that decodes encodes to the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "core/mood.h"
#include "core/process.h"

namespace upkeep::core {

inline constexpr std::size_t kNoteBytesMax = 4096;  // the keeper's limit

struct ProcessNote {
  Phase phase{};
  WallTime start{};           // last spawn attempt; the epoch itself: never
  WallTime stop{};            // last reap, or never
  int exit_status = 0;        // of the last reap, as getProcessInfo shows it; 0 again from the next start on
  std::string spawn_error{};  // shortened where the note would outgrow its limit
  std::uint64_t serial = 0;   // of the last child asked for: Starting without a child awaits ProcessId{serial}
  // AUTO log files already made for this process, so that a later engine writes on into them; empty: none. Forgotten
  // where the two paths alone would outgrow the limit.
  std::string out_log{}, err_log{};
  std::string service{};  // of a service directory's process: its wishes, encoded (core/service.h)
  bool operator==(const ProcessNote&) const = default;
};

// The note of the slot named "daemon".
struct DaemonNote {
  Mood mood = Mood::Running;
  std::uint64_t event_serial = 0;    // of the last event published
  int exit_code = 0;                 // with which the daemon will end
  std::optional<Instant> kill_at{};  // shutting down or restarting: when SIGKILL ends all patience (stop_grace)
  bool operator==(const DaemonNote&) const = default;
};

std::string encode(ProcessNote note);  // at most kNoteBytesMax
std::string encode(const DaemonNote& note);

Result<ProcessNote> decode_process_note(std::string_view bytes);
Result<DaemonNote> decode_daemon_note(std::string_view bytes);

}  // namespace upkeep::core
