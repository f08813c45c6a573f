// The keeper's end of one stdio pipe of a process, and the spool that takes its bytes while no engine reads.
//
// A channel is *lent* (the engine has a duplicate of the descriptor and reads it; the keeper looks away) or *held* (the
// keeper moves what arrives into a memfd). The memfd's shared file position belongs to the reader: the engine advances
// it as it consumes, even if it dies in the middle; the keeper writes behind its end with explicit offsets. So nothing
// about a spool has to be told: size and position say it all.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fd.h"
#include "base/ids.h"
#include "base/time.h"

namespace upkeep::keeper {

inline constexpr std::int64_t kSpoolBytesMax = 1 << 20;      // a channel
inline constexpr std::int64_t kSpoolBytesMaxAll = 64 << 20;  // all channels
inline constexpr Duration kFullPatience{
    std::chrono::seconds{10}};  // back-pressure this long, then the newest is dropped

struct Channel {
  Stdio which = Stdio::Out;
  Fd pipe;   // our end: for reading an output, for writing stdin
  Fd spool;  // outputs that were ever held; empty: none
  std::uint64_t dropped = 0;
  bool ended = false;                 // held and end-of-file was seen
  std::optional<Instant> full_since;  // held and out of room
  std::uint64_t watch = 0;            // the keeper's key for it while it is polled; 0: it is not

  // Bytes waiting in the spool for the engine. Resets a spool that was read to its end, which frees its memory.
  std::int64_t settle_spool();
  // Whether there is a memfd to hold bytes in; without descriptors or memory there is none.
  bool has_spool();
  // Held: moves what the pipe has into the spool while `room` lasts; beyond it, and only when `drop`, counts and
  // discards. Returns the bytes spooled.
  std::int64_t hold(std::int64_t room, bool drop);

 private:
  void discard();
};

}  // namespace upkeep::keeper
