// The keeper protocol: messages between keeper and engine as values and as datagrams. docs/keeper-protocol.md tells the
// story; this header is the reference.
//
// One datagram of an inherited SOCK_SEQPACKET pair is one message: a 16-byte little-endian header {u16 type, u16 zero,
// u32 body length, u64 sequence}, then the body; descriptors ride on the message they belong to. At most 64 KiB.
// Texts are u32 length + bytes; optional values are a u8 flag and the value. Instants are nanoseconds of
// CLOCK_MONOTONIC, wall times nanoseconds since 1970.
//
// Versions. 1: first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/exit_status.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "wire/spawn_plan.h"

namespace upkeep::wire {

inline constexpr std::uint16_t kKeeperVersionMin = 1, kKeeperVersionMax = 1;
// A deposit with this at the end of its name tells others, by being open, that somebody supervises (supervise/ok). The
// keeper drops it when no engine has been ready for a minute; the next one makes it anew.
inline constexpr std::string_view kClaimSuffix = ":ok";
inline constexpr std::size_t kMessageBytesMax = 64 * 1024;
inline constexpr std::size_t kInlinePlanBytesMax = 32 * 1024;  // a larger plan rides as a sealed memfd, last of the fds
inline constexpr std::size_t kSlotNameBytesMax = 256;
inline constexpr std::size_t kNoteBytesMax = 4096;
inline constexpr std::size_t kFdsPerMessageMax = 8;
inline constexpr int kEngineSocket = 3;  // the descriptor an engine finds its end of the socket pair at

// What the keeper does with a process when it must stop everything and no engine can run.
struct LastWill {
  std::int32_t signal = 15;
  bool to_group = false;
  std::uint32_t grace_ms = 10'000;
  bool kill_group = false;
};

// --- engine → keeper
struct Hello {  // the first message of every engine
  std::uint16_t version_min = kKeeperVersionMin, version_max = kKeeperVersionMax;
};
struct Setup {  // cold start only: what the keeper does to itself. With `detach` it hands over to a daemon, see docs
  bool detach = false;
  std::optional<Ids> ids;
  std::vector<Limit> limits;
};
struct Ready {  // sockets are open, the pidfile is written; in a daemon the keeper now leaves its terminal
  std::optional<std::string> directory;
  std::optional<std::uint32_t> umask;
};
struct Spawn {  // refused while the slot has a process or an owed exit
  std::string slot;
  std::uint64_t serial = 0;
  std::string note;
  LastWill will;
  std::string plan;  // encoded; empty: it is in the last descriptor
};
struct Signal {  // nobody gets it when that process has ended meanwhile; the note is taken in any case
  std::string slot;
  std::uint64_t serial = 0;
  std::int32_t number = 0;
  bool to_group = false;
  std::optional<std::string> note{};  // replaces the slot's, as NOTE does; none: the slot keeps what it has
};
struct Note {  // replaces the slot's note; an empty note on a slot with nothing else removes the slot
  std::string slot, note;
};
struct Release {  // acknowledges the owed exit and lets its channels go
  std::string slot, note;
};
struct Deposit {  // + 1 descriptor
  std::string name;
};
struct Discard {
  std::string name;
};
struct Ack {  // of a Signalled
  std::uint64_t sequence = 0;
};
struct Quit {  // the keeper ends with this exit status; whatever still lives is left alone
  std::int32_t code = 0;
};
struct Restart {};   // forget everything and start a fresh engine on the original command line
struct Upgrade {     // + 1 descriptor, the image: become it. UPGRADE_REFUSED answers, or a LEAVE from the image
  WallTime asked;    // names the request
  std::string path;  // for the report
};
using FromEngine =
    std::variant<Hello, Setup, Ready, Spawn, Signal, Note, Release, Deposit, Discard, Ack, Quit, Restart, Upgrade>;

// What became of an upgrade.
enum class UpgradeOutcome : std::uint8_t {
  Done = 0,        // keeper and engine are the new image
  Refused = 1,     // nothing was replaced
  RolledBack = 2,  // the new image did not come up, and the one before was taken back
};
struct UpgradeReport {
  UpgradeOutcome outcome = UpgradeOutcome::Done;
  WallTime asked;
  std::string path, from, to;  // versions; `to` is empty where the image did not get to tell
  std::string why;             // it was refused or rolled back
};

// --- keeper → engine
enum class Stage : std::uint8_t {
  Fresh = 0,       // nothing was ever set up: read the configuration
  Configured = 1,  // a daemon's second engine: start from the deposited configuration
  Restarted = 2,   // after RESTART: as Fresh, but limits and daemonizing are behind us
  Running = 3,     // READY was seen: recover
};
struct Welcome {
  std::uint16_t version = 1;
  Stage stage = Stage::Fresh;
  std::uint32_t keeper_pid = 0;
  // Engines started before this one. 0 in a daemon that runs: the last keeper was killed, and none of the engines of
  // this one has been ready, so that what follows from that death is still to be done.
  std::uint32_t engine_starts = 0;
  bool facts_only = false;                 // notes may be poisoned: ignore them
  std::string last_end;                    // how the previous engine ended, for the log; empty: it is the first
  std::optional<UpgradeReport> upgrade{};  // the last one
  bool upgrade_is_news = false;            // no engine has been ready since
};
struct ChannelState {
  Stdio which = Stdio::Out;
  bool has_spool = false;     // its spool's descriptor follows the channel's
  std::uint64_t spooled = 0;  // bytes waiting in the spool
  std::uint64_t dropped = 0;  // bytes that did not fit while no engine read
};
struct Slot {  // one per slot in the snapshot; fds: pidfd if has_pidfd, then per channel: its end, its spool
  std::string slot, note;
  std::uint64_t serial = 0;
  std::int32_t pid = 0;  // 0: no process
  bool has_pidfd = false;
  Instant started;
  WallTime started_wall;
  LastWill will;
  std::optional<ExitStatus> owed;
  SpawnStage failed_stage = SpawnStage::None;  // of the owed exit
  std::int32_t failed_errno = 0;
  Instant ended;
  WallTime ended_wall;
  std::vector<ChannelState> channels;
  std::int32_t ended_pid = 0;  // of the process whose exit is owed
};
struct Deposited {  // + 1 descriptor
  std::string name;
};
struct Synced {};  // the snapshot is complete
struct Spawned {   // fds as in Slot
  std::string slot;
  std::uint64_t serial = 0;
  std::int32_t pid = 0;
  bool has_pidfd = false;
  Instant started;
  WallTime started_wall;
  std::vector<ChannelState> channels;
};
struct SpawnFailed {
  std::string slot;
  std::uint64_t serial = 0;
  SpawnStage stage = SpawnStage::None;
  std::int32_t error = 0;
};
struct Exited {  // owed until RELEASE
  std::string slot;
  std::uint64_t serial = 0;
  ExitStatus status;
  SpawnStage failed_stage = SpawnStage::None;  // the child never reached its program
  std::int32_t failed_errno = 0;
  Instant ended;
  WallTime ended_wall;
};
struct SignalFailed {
  std::string slot;
  std::uint64_t serial = 0;
  std::int32_t number = 0, error = 0;
};
struct Signalled {  // the keeper received this signal; owed until ACK
  std::int32_t number = 0;
};
struct Orphan {  // a process that was no child of a slot ended
  std::int32_t pid = 0;
  ExitStatus status;
};
// Why a message is refused whose descriptors did not fit into the keeper: whoever holds them may send them again later.
inline constexpr std::string_view kDescriptorsLost = "descriptors were lost: too many open files";
struct Refused {
  std::uint64_t sequence = 0;  // of the refused message
  std::string why;
};
struct UpgradeRefused {
  UpgradeReport report;
};
struct Leave {};  // end, and leave everything as it is: the next engine is of another image
// Never sent: what a keeper hands to the image that it becomes, beside the messages of a snapshot (handover.h). Its
// descriptors: the engine's socket if there is an engine, the reports of children (child.h), the image before.
struct KeeperState {
  struct OwedSignal {
    std::int32_t number = 0;
    std::uint64_t sequence = 0;  // under which the engine was told; 0: it was not
  };
  std::int32_t engine_pid = 0;      // of the engine at the other end of the socket; 0: none
  std::uint32_t engine_starts = 0;  // 0: these are not our own children, but those of a keeper that died
  std::uint64_t next_sequence = 1;  // of our messages to that engine
  std::vector<OwedSignal> signals;
  std::optional<std::uint64_t> files_limit;  // soft limit of open files before SETUP raised it
  std::optional<UpgradeReport> upgrade;
  bool has_reports = false;
  bool has_image_before = false;  // to be taken back when this one does not come up
};
using FromKeeper = std::variant<Welcome, Slot, Deposited, Synced, Spawned, SpawnFailed, Exited, SignalFailed, Signalled,
                                Orphan, Refused, UpgradeRefused, Leave, KeeperState>;

// --- datagrams
template <class Message>
struct Framed {
  std::uint64_t sequence = 0;
  Message message;
};
std::string encode(const FromEngine& message, std::uint64_t sequence);
std::string encode(const FromKeeper& message, std::uint64_t sequence);
// Error: truncated, trailing bytes, unknown type, a text beyond its limit.
Result<Framed<FromEngine>> decode_from_engine(std::string_view datagram);
Result<Framed<FromKeeper>> decode_from_keeper(std::string_view datagram);

// The sequence in a datagram's header, also of a datagram that does not decode; 0: there is none.
std::uint64_t sequence_of(std::string_view datagram);

// How many descriptors must ride on a message (a Spawn's depend on its plan: not checked here).
std::size_t fds_expected(const FromKeeper& message);

}  // namespace upkeep::wire
