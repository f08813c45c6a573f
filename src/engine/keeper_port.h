// The engine's view of its keeper: requests down, facts up. The socket implements it (keeper_link.h); tests and the
// simulation put a keeper without system calls in its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "wire/keeper_messages.h"

namespace upkeep::engine {

struct LentChannel {
  Stdio which = Stdio::Out;
  Fd pipe;
  Fd spool;                   // empty: nothing was ever held
  std::uint64_t dropped = 0;  // bytes lost while no engine read
};

// Requests never fail at once: a refusal arrives as a fact, and means a bug of ours.
class KeeperPort {
 public:
  virtual ~KeeperPort() = default;
  // Plan encoded; `passed` are the descriptors for StdioSource::Passed.
  virtual void spawn(const std::string& slot, std::uint64_t serial, std::string note, const wire::LastWill& will,
                     std::string plan, std::vector<Fd> passed) = 0;
  // With a note where the signal is part of a transition: both arrive or neither does.
  virtual void signal(const std::string& slot, std::uint64_t serial, int number, bool to_group,
                      std::optional<std::string> note) = 0;
  virtual void note(const std::string& slot, std::string note) = 0;
  virtual void release(const std::string& slot, std::string note) = 0;
  // False: it is known to be dead, and requests go nowhere. They may do so a moment before that is known.
  virtual bool is_connected() const { return true; }
  // Whether the child of a slot is dead already, though nobody has told of it yet. False where that cannot be seen.
  virtual bool has_ended(const std::string& slot) const { return (void)slot, false; }
};

// What happens to slots. The receiver owns the descriptors.
class SlotEvents {
 public:
  virtual ~SlotEvents() = default;
  virtual void on_spawned(wire::Spawned fact, std::vector<LentChannel> channels) = 0;
  virtual void on_spawn_failed(const wire::SpawnFailed& fact) = 0;
  virtual void on_exited(const wire::Exited& fact) = 0;
  virtual void on_signal_failed(const wire::SignalFailed& fact) = 0;
};

// What happens to the daemon as a whole.
class DaemonEvents {
 public:
  virtual ~DaemonEvents() = default;
  virtual void on_signalled(int number, std::uint64_t sequence) = 0;  // acknowledge once acted on
  virtual void on_orphan(const wire::Orphan& fact) = 0;
  virtual void on_refused(const std::string& why) = 0;
  virtual void on_keeper_lost() = 0;
  virtual void on_upgrade_refused(wire::UpgradeReport report) { (void)report; }
  virtual void on_leave() {}  // the next engine goes on; see wire::Leave
};

}  // namespace upkeep::engine
