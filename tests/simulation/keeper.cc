#include "simulation/keeper.h"

#include <fcntl.h>

#include <algorithm>

namespace upkeep::simulation {

void Keeper::take_over(const std::vector<wire::HandoverItem>& items) {
  stage_ = wire::Stage::Running;
  is_heir_ = true;
  for (const wire::HandoverItem& item : items) {
    if (const auto* owed = std::get_if<wire::Signalled>(&item.message)) signalled(owed->number);
    if (const auto* deposited = std::get_if<wire::Deposited>(&item.message)) {
      deposits_[deposited->name] = std::make_shared<Fd>(::fcntl(item.fds.front(), F_DUPFD_CLOEXEC, 0));
      witness_.deposited(deposited->name, item.fds.front());
    }
    const auto* slot = std::get_if<wire::Slot>(&item.message);
    if (!slot) continue;
    keeper::SlotEntry& entry = table_.slots()[slot->slot];
    entry.note = slot->note;
    entry.serial = slot->serial;
    entry.will = slot->will;
    if (slot->owed)
      entry.owed = keeper::OwedExit{*slot->owed, slot->failed_stage, slot->failed_errno, slot->ended, slot->ended_wall};
    if (slot->pid != 0 && defect_ != Defect::SecondCopyAllowed)
      table_.started(slot->slot, {slot->pid, slot->started, slot->started_wall, true});
  }
}

void Keeper::find_lost(Instant now) {
  std::vector<std::int32_t> lost;
  for (const auto& [name, entry] : table_.slots())
    if (entry.process && !kernel_.live().contains(entry.process->pid)) lost.push_back(entry.process->pid);
  for (const std::int32_t pid : lost) died(pid, {}, now);
}

void Keeper::perform(const wire::Framed<wire::FromEngine>& framed, const std::shared_ptr<Fd>& fd, Instant now) {
  if (const auto done = perform(framed.message, fd, now); !done)
    send(wire::Refused{framed.sequence, done.error().text});
}

Result<void> Keeper::perform(const wire::FromEngine& message, const std::shared_ptr<Fd>& fd, Instant now) {
  if (const auto* asked = std::get_if<wire::Spawn>(&message)) {
    TRY(table_.begin_spawn(*asked));
    spawn(*asked, now);
  } else if (const auto* signal = std::get_if<wire::Signal>(&message)) {
    if (signal->note) {
      TRY(table_.note(signal->slot, *signal->note));
      witness_.noted(signal->slot, *signal->note);
    }
    if (const auto process = table_.find(signal->slot, signal->serial))
      send_signal(signal->slot, signal->serial, (*process)->pid, signal->number, now);
  } else if (const auto* note = std::get_if<wire::Note>(&message)) {
    TRY(table_.note(note->slot, note->note));
    witness_.noted(note->slot, note->note);
  } else if (const auto* deposit = std::get_if<wire::Deposit>(&message)) {
    if (!fd) return Error{"DEPOSIT needs a descriptor"};
    deposits_[deposit->name] = fd;
    witness_.deposited(deposit->name, fd->get());
  } else if (const auto* discard = std::get_if<wire::Discard>(&message)) {
    deposits_.erase(discard->name);
  } else if (const auto* release = std::get_if<wire::Release>(&message)) {
    const auto found = table_.slots().find(release->slot);
    const std::uint64_t serial = found == table_.slots().end() ? 0 : found->second.serial;
    TRY(table_.release(release->slot, release->note));
    watch_.answered();
    witness_.released(release->slot, serial, release->note);
  } else if (const auto* ack = std::get_if<wire::Ack>(&message)) {
    table_.acknowledge(ack->sequence);
    watch_.answered();
  } else if (std::holds_alternative<wire::Ready>(message)) {
    stage_ = wire::Stage::Running;
    is_heir_ = false;
  } else if (std::holds_alternative<wire::Quit>(message)) {
    quits_ = true;
  } else if (std::holds_alternative<wire::Restart>(message)) {
    for (auto& [pid, process] : kernel_.live()) process.let_go = true;
    table_.forget_slots();
    deposits_.clear();
    stage_ = wire::Stage::Restarted;
    restarts_ = true;
    witness_.restarted();
  }
  return {};
}

void Keeper::spawn(const wire::Spawn& spawn, Instant now) {
  if (failing_spawns > 0 && random_.one_in(failing_spawns)) {
    table_.cancel_spawn(spawn.slot);
    return send(wire::SpawnFailed{spawn.slot, spawn.serial, wire::SpawnStage::Fork, EAGAIN});
  }
  witness_.forked(spawn.slot, spawn.serial);
  const int pid = kernel_.fork(spawn.slot, spawn.serial, number_, spawn.slot == untouchable_slot, now);
  table_.started(spawn.slot, {pid, now, WallTime{now.time_since_epoch()}, false});
  send(wire::Spawned{spawn.slot, spawn.serial, pid, false, now, WallTime{now.time_since_epoch()}, {}});
}

void Keeper::send_signal(const std::string& slot, std::uint64_t serial, int pid, int number, Instant now) {
  const auto found = kernel_.live().find(pid);
  if (found == kernel_.live().end()) return;  // dead, and its exit not yet collected
  witness_.signalled(found->second, number);
  const int error = kernel_.signal(pid, number, now);
  if (error != 0 && error != ESRCH && attached_) send(wire::SignalFailed{slot, serial, number, error});
}

void Keeper::signalled(int number) {
  table_.signalled(number);
  if (table_.asked_to_stop()) watch_.stop_asked();
}

void Keeper::died(int pid, const ExitStatus& status, Instant now) {
  const WallTime wall{now.time_since_epoch()};
  const auto is_adopted = [pid](const auto& entry) {
    return entry.second.process && entry.second.process->adopted && entry.second.process->pid == pid;
  };
  std::string slot;
  if (const auto adopted = std::ranges::find_if(table_.slots(), is_adopted); adopted != table_.slots().end()) {
    slot = adopted->first;  // its pidfd tells
    table_.ended(slot, status, now, wall);
  } else if (const std::string* child = table_.exited(pid, status, now, wall)) {
    slot = *child;
  } else {
    return;
  }
  const keeper::SlotEntry& entry = table_.slots().at(slot);
  if (attached_) {
    table_.told(slot);
    send(wire::Exited{slot, entry.serial, status, {}, {}, entry.owed->ended, entry.owed->ended_wall});
  } else if (defect_ == Defect::ExitForgotten) {
    (void)table_.release(slot, std::string{entry.note});
  }
}

void Keeper::begin_engine(Instant now) {
  attached_ = true;
  restarts_ = false;
  wire::Welcome welcome;
  welcome.stage = stage_;
  welcome.keeper_pid = 0x7fffffff;  // nobody's parent: its end of the socket is all that tells of its death
  welcome.engine_starts = is_heir_ ? 0 : watch_.starts() - 1;
  welcome.facts_only = watch_.facts_only();
  if (welcome.facts_only && watch_.is_stop_asked()) table_.signalled(SIGTERM);
  send(welcome);
  for (const auto& [name, fd] : deposits_) send(wire::Deposited{name}, fd->get());
  for (const auto& [name, entry] : table_.slots()) {
    wire::Slot slot;
    slot.slot = name;
    slot.note = entry.note;
    slot.serial = entry.serial;
    slot.will = entry.will;
    if (entry.process) {
      slot.pid = entry.process->pid;
      slot.started = entry.process->started;
      slot.started_wall = entry.process->started_wall;
    }
    if (entry.owed) {
      slot.owed = entry.owed->status;
      slot.ended = entry.owed->ended;
      slot.ended_wall = entry.owed->ended_wall;
      table_.told(name);
    }
    send(slot);
  }
  send(wire::Synced{});
}

void Keeper::end_engine(const ExitStatus& status, Instant now) {
  attached_ = false;
  table_.forget_told();
  watch_.ended(status, now);
  if (!restarts_) return;
  watch_ = keeper::EngineWatch{};
  if (table_.asked_to_stop()) watch_.stop_asked();
}

void Keeper::tell_signals() {
  if (!attached_) return;
  for (keeper::OwedSignal& owed : table_.owed_signals()) {
    if (owed.sequence != 0) continue;
    table_.told(owed, next_sequence_);
    send(wire::Signalled{owed.number});
  }
  if (defect_ == Defect::SignalForgotten)
    while (!table_.owed_signals().empty()) table_.acknowledge(table_.owed_signals().front().sequence);
}

bool Keeper::perform_last_wills(Instant now) {
  if (!wills_since_ && watch_.last_will_due()) wills_since_ = now;
  if (!wills_since_) return false;
  if (!table_.has_processes()) return true;
  const bool first = *wills_since_ == now;
  for (const auto& [name, entry] : table_.slots()) {
    if (!entry.process) continue;
    if (first) send_signal(name, entry.serial, entry.process->pid, entry.will.signal, now);
    if (now - *wills_since_ >= std::chrono::milliseconds{entry.will.grace_ms})
      send_signal(name, entry.serial, entry.process->pid, SIGKILL, now);
  }
  return false;
}

}  // namespace upkeep::simulation
