// What the keeper knows, as a pure value: which slot has which process, which exits and signals are owed to the engine,
// what the engine noted. No descriptors, no system calls; the simulation runs this very code.
//
// A slot holds at most one live process and at most one owed exit, and never both a live process and an owed exit.
// A slot without note, process and owed exit does not exist.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "wire/keeper_messages.h"

namespace upkeep::keeper {

struct Process {
  std::int32_t pid = 0;
  Instant started;
  WallTime started_wall;
  bool adopted = false;  // not our child: taken over from a keeper that died; its exit status cannot be known
};

struct OwedExit {
  ExitStatus status;
  wire::SpawnStage failed_stage = wire::SpawnStage::None;
  std::int32_t failed_errno = 0;
  Instant ended;
  WallTime ended_wall;
  std::int32_t pid = 0;
  bool told = false;  // to the engine that is attached now; set by Table::told
};

struct SlotEntry {
  std::string note;
  std::uint64_t serial = 0;  // of the last start
  wire::LastWill will;
  std::optional<Process> process;
  std::optional<OwedExit> owed;
};

struct OwedSignal {
  std::int32_t number = 0;
  std::uint64_t sequence = 0;  // of the message that told it to this engine; 0: not told yet
  bool again = false;          // it came once more after it was told: what the engine did about it may be too early
};

class Table {
 public:
  // Refused (with the reason) while the slot has a process or an owed exit. On success note, serial and will are set;
  // `started` or `cancel_spawn` must follow before anything else happens to the slot.
  Result<void> begin_spawn(const wire::Spawn& spawn);
  void started(const std::string& slot, const Process& process);
  void cancel_spawn(const std::string& slot);

  // The slot whose process, a child of ours, had this pid, now with an owed exit; null: no slot's process.
  const std::string* exited(std::int32_t pid, const ExitStatus& status, Instant when, WallTime when_wall);
  // The same for an adopted process, whose pid may be another's by now: found by its slot.
  void ended(const std::string& slot, const ExitStatus& status, Instant when, WallTime when_wall);
  // The live process a message means; refused when it is another one by now.
  Result<const Process*> find(const std::string& slot, std::uint64_t serial) const;
  Result<void> note(const std::string& slot, const std::string& note);
  Result<void> release(const std::string& slot, const std::string& note);  // refused when no exit is owed

  // A signal the engine must hear of. Each number is owed once, in order of arrival; one that comes again while the
  // engine may be acting on the first is told again after its acknowledgement.
  void signalled(std::int32_t number);
  void acknowledge(std::uint64_t sequence);
  std::vector<OwedSignal>& owed_signals() { return signals_; }
  const std::vector<OwedSignal>& owed_signals() const { return signals_; }
  bool asked_to_stop() const;  // TERM, INT or QUIT is owed

  void told(const std::string& slot);  // its owed exit, to the attached engine
  void told(OwedSignal& signal, std::uint64_t sequence);
  // A new engine knows nothing: everything owed must be told again.
  void forget_told();
  bool anything_told_unanswered() const { return told_exits_ > 0 || told_signals_ > 0; }

  std::map<std::string, SlotEntry>& slots() { return slots_; }
  const std::map<std::string, SlotEntry>& slots() const { return slots_; }
  bool has_processes() const;

  void forget_slots();  // everything but the owed signals, which must be told again

 private:
  std::map<std::string, SlotEntry> slots_;
  std::map<std::int32_t, std::string> slot_of_pid_;  // of our own children
  std::vector<OwedSignal> signals_;
  std::size_t told_exits_ = 0, told_signals_ = 0;
};

}  // namespace upkeep::keeper
