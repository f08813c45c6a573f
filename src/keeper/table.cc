#include "keeper/table.h"

#include <algorithm>

#include "base/stop_signals.h"

namespace upkeep::keeper {

Result<void> Table::begin_spawn(const wire::Spawn& spawn) {
  if (spawn.slot.empty()) return Error{"a slot needs a name"};
  SlotEntry& slot = slots_[spawn.slot];
  if (slot.process) return Error{"slot " + spawn.slot + " has a live process"};
  if (slot.owed) return Error{"slot " + spawn.slot + " owes an exit that was not released"};
  slot.note = spawn.note;
  slot.serial = spawn.serial;
  slot.will = spawn.will;
  return {};
}

void Table::started(const std::string& slot, const Process& process) {
  slots_[slot].process = process;
  if (!process.adopted) slot_of_pid_[process.pid] = slot;
}

void Table::cancel_spawn(const std::string& slot) {
  const auto found = slots_.find(slot);
  if (found != slots_.end() && found->second.note.empty()) slots_.erase(found);
}

const std::string* Table::exited(std::int32_t pid, const ExitStatus& status, Instant when, WallTime when_wall) {
  const auto found = slot_of_pid_.find(pid);
  if (found == slot_of_pid_.end()) return nullptr;
  const auto slot = slots_.find(found->second);
  slot_of_pid_.erase(found);
  ended(slot->first, status, when, when_wall);
  return &slot->first;
}

void Table::ended(const std::string& slot, const ExitStatus& status, Instant when, WallTime when_wall) {
  SlotEntry& entry = slots_.at(slot);
  const std::int32_t pid = entry.process ? entry.process->pid : 0;
  entry.owed = OwedExit{.status = status, .ended = when, .ended_wall = when_wall, .pid = pid};
  entry.process.reset();
}

Result<const Process*> Table::find(const std::string& slot, std::uint64_t serial) const {
  const auto found = slots_.find(slot);
  if (found == slots_.end() || !found->second.process) return Error{"slot " + slot + " has no process"};
  if (found->second.serial != serial) return Error{"slot " + slot + " runs another process by now"};
  return &*found->second.process;
}

Result<void> Table::note(const std::string& slot, const std::string& note) {
  if (slot.empty()) return Error{"a slot needs a name"};
  SlotEntry& entry = slots_[slot];
  entry.note = note;
  if (note.empty() && !entry.process && !entry.owed) slots_.erase(slot);
  return {};
}

Result<void> Table::release(const std::string& slot, const std::string& note_text) {
  const auto found = slots_.find(slot);
  if (found == slots_.end() || !found->second.owed) return Error{"slot " + slot + " owes no exit"};
  if (found->second.owed->told) --told_exits_;
  found->second.owed.reset();
  return note(slot, note_text);
}

void Table::signalled(std::int32_t number) {
  const auto owed =
      std::find_if(signals_.begin(), signals_.end(), [&](const OwedSignal& s) { return s.number == number; });
  if (owed == signals_.end()) {
    signals_.push_back({.number = number});
  } else if (owed->sequence != 0) {
    owed->again = true;
  }
}

void Table::acknowledge(std::uint64_t sequence) {
  if (sequence == 0) return;
  const auto told =
      std::find_if(signals_.begin(), signals_.end(), [&](const OwedSignal& s) { return s.sequence == sequence; });
  if (told == signals_.end()) return;
  --told_signals_;
  const OwedSignal answered = *told;
  signals_.erase(told);
  if (answered.again) signals_.push_back({.number = answered.number});
}

bool Table::asked_to_stop() const {
  return std::any_of(signals_.begin(), signals_.end(), [](const OwedSignal& s) { return asks_to_stop(s.number); });
}

void Table::told(const std::string& slot) {
  OwedExit& owed = *slots_.at(slot).owed;
  if (!owed.told) ++told_exits_;
  owed.told = true;
}

void Table::told(OwedSignal& signal, std::uint64_t sequence) {
  if (signal.sequence == 0) ++told_signals_;
  signal.sequence = sequence;
}

void Table::forget_told() {
  for (OwedSignal& owed : signals_) owed = {.number = owed.number};
  for (auto& [name, slot] : slots_)
    if (slot.owed) slot.owed->told = false;
  told_exits_ = told_signals_ = 0;
}

void Table::forget_slots() {
  slots_.clear();
  slot_of_pid_.clear();
  forget_told();
}

bool Table::has_processes() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const auto& entry) { return entry.second.process.has_value(); });
}

}  // namespace upkeep::keeper
