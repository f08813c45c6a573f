#include "simulation/keeper.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "wire/spawn_plan.h"

namespace upkeep::simulation {
namespace {

constexpr std::size_t kOrphansWaitingMax = 64;   // as in keeper.cc
constexpr std::size_t kDescriptorsOfAStart = 9;  // three pipes, a gate and a pidfd, at most

std::shared_ptr<Fd> copy_of(int fd) { return std::make_shared<Fd>(::fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

std::string shown(const wire::FromKeeper& message) {
  if (const auto* m = std::get_if<wire::Spawned>(&message)) return fmt::format("SPAWNED {} #{}", m->slot, m->serial);
  if (const auto* m = std::get_if<wire::SpawnFailed>(&message)) return "SPAWN_FAILED " + m->slot;
  if (const auto* m = std::get_if<wire::Exited>(&message)) return fmt::format("EXITED {} #{}", m->slot, m->serial);
  if (const auto* m = std::get_if<wire::SignalFailed>(&message)) return "SIGNAL_FAILED " + m->slot;
  if (const auto* m = std::get_if<wire::Signalled>(&message)) return fmt::format("SIGNALLED {}", m->number);
  if (const auto* m = std::get_if<wire::Refused>(&message)) return "REFUSED " + m->why;
  if (std::holds_alternative<wire::Leave>(message)) return "LEAVE";
  return {};
}

}  // namespace

// --- beginning and end

void Keeper::take_over(const std::vector<wire::HandoverItem>& items, Instant now) {
  is_heir_ = true;
  stage_ = wire::Stage::Running;
  for (const wire::HandoverItem& item : items) {
    if (const auto* owed = std::get_if<wire::Signalled>(&item.message)) signalled(owed->number);
    if (const auto* deposited = std::get_if<wire::Deposited>(&item.message)) {
      deposits_[deposited->name] = copy_of(item.fds.front());
      witness_.deposited(deposited->name, item.fds.front());
    }
    const auto* slot = std::get_if<wire::Slot>(&item.message);
    if (!slot) continue;
    keeper::SlotEntry& entry = table_.slots()[slot->slot];
    entry.note = slot->note;
    entry.serial = slot->serial;
    entry.will = slot->will;
    if (slot->owed) {
      entry.owed.emplace();
      entry.owed->status = *slot->owed;
      entry.owed->ended = slot->ended;
      entry.owed->ended_wall = slot->ended_wall;
    }
    auto next = item.fds.begin();
    if (slot->pid != 0 && defect_ != Defect::SecondCopyAllowed)
      table_.started(slot->slot, {slot->pid, slot->started, slot->started_wall, true});
    if (slot->has_pidfd) pidfds_[slot->slot] = std::move(*copy_of(*next++));
    for (const wire::ChannelState& state : slot->channels) {
      keeper::Channel channel;
      channel.which = state.which;
      channel.pipe = std::move(*copy_of(*next++));
      if (state.has_spool) channel.spool = std::move(*copy_of(*next++));
      channels_[slot->slot].push_back(std::move(channel));
    }
  }
  hold_all();
  look_at_adopted(now);
  carry(now);
}

// Follows keeper_upgrade.cc.
std::unique_ptr<Keeper> Keeper::another_image(bool with_a_way_back, Instant now) {
  const bool is_moment = is_running() && !quits_ && !restarts_ && outbox_.empty() && gates_.empty() && !wills_since_;
  if (!is_moment || (with_a_way_back && (!attached_ || watch_.is_stop_asked()))) return nullptr;
  auto next = std::make_unique<Keeper>(number_, kernel_, random_, witness_, defect_);
  next->failing_spawns = failing_spawns;
  next->descriptors_max = descriptors_max;
  next->untouchable_slot = untouchable_slot;
  next->stage_ = stage_;
  next->is_heir_ = is_heir_;
  next->watch_.resume(watch_.starts(), attached_, now);
  next->next_sequence_ = next_sequence_;
  next->attached_ = attached_;
  for (const keeper::OwedSignal& owed : table_.owed_signals()) {
    next->signalled(owed.number);
    if (attached_ && owed.sequence != 0) next->table_.told(next->table_.owed_signals().back(), owed.sequence);
  }
  for (const auto& [name, entry] : table_.slots()) {
    keeper::SlotEntry& copy = next->table_.slots()[name];
    copy.note = entry.note;
    copy.serial = entry.serial;
    copy.will = entry.will;
    copy.owed = entry.owed;
    if (copy.owed) copy.owed->told = false;
    if (entry.process && defect_ != Defect::SecondCopyAllowed) next->table_.started(name, *entry.process);
    if (copy.owed && attached_) next->table_.told(name);
  }
  next->deposits_ = std::move(deposits_);
  next->pidfds_ = std::move(pidfds_);
  next->channels_ = std::move(channels_);
  if (with_a_way_back) next->probation_.emplace(now);
  if (!attached_) {
    next->hold_all();
    return next;
  }
  next->leaving_ = true;
  next->send(wire::Leave{});
  next->watch_.end_by(now + keeper::kLeavePatience);
  return next;
}

std::optional<std::string> Keeper::failure(Instant now) const {
  if (!probation_ || watch_.is_stop_asked()) return std::nullopt;
  return probation_->failure(watch_.facts_only(), watch_.last_end(), now);
}

void Keeper::die(Instant now) {
  for (const int pid : std::exchange(gates_, {})) {
    SimProcess& child = kernel_.live().at(pid);
    child.dies_at = now;
    child.status = {ExitStatus::Kind::Exited, 127, false};
    child.let_go = true;  // it never ran its program, and nobody knows of it
  }
  kernel_.reap_orphans();
}

// --- requests

void Keeper::perform(const wire::Framed<wire::FromEngine>& framed, std::vector<std::shared_ptr<Fd>> fds, Instant now) {
  const bool lost = std::holds_alternative<wire::Spawn>(framed.message) && !fds.empty() &&
                    descriptors() + fds.size() > descriptors_max;
  const Result<void> done =
      lost ? Result<void>{Error{std::string{wire::kDescriptorsLost}}} : perform(framed.message, fds, now);
  if (!done) send(wire::Refused{framed.sequence, done.error().text});
}

Result<void> Keeper::perform(const wire::FromEngine& message, std::vector<std::shared_ptr<Fd>>& fds, Instant now) {
  if (const auto* asked = std::get_if<wire::Spawn>(&message)) {
    TRY(spawn(*asked, fds, now));
  } else if (const auto* signal = std::get_if<wire::Signal>(&message)) {
    if (signal->note) {
      TRY(table_.note(signal->slot, *signal->note));
      witness_.noted(signal->slot, *signal->note);
    }
    if (table_.find(signal->slot, signal->serial))
      send_signal(signal->slot, signal->serial, signal->number, signal->to_group, now);
  } else if (const auto* note = std::get_if<wire::Note>(&message)) {
    TRY(table_.note(note->slot, note->note));
    witness_.noted(note->slot, note->note);
  } else if (const auto* deposit = std::get_if<wire::Deposit>(&message)) {
    if (fds.size() != 1) return Error{"DEPOSIT needs one descriptor"};
    deposits_[deposit->name] = fds.front();
    witness_.deposited(deposit->name, fds.front()->get());
  } else if (const auto* discard = std::get_if<wire::Discard>(&message)) {
    if (defect_ != Defect::DepositsLeft) deposits_.erase(discard->name);
  } else if (const auto* release = std::get_if<wire::Release>(&message)) {
    const auto found = table_.slots().find(release->slot);
    const std::uint64_t serial = found == table_.slots().end() ? 0 : found->second.serial;
    TRY(table_.release(release->slot, release->note));
    watch_.answered();
    if (defect_ != Defect::ChannelsKept) channels_.erase(release->slot);
    pidfds_.erase(release->slot);
    witness_.released(release->slot, serial, release->note);
  } else if (const auto* ack = std::get_if<wire::Ack>(&message)) {
    table_.acknowledge(ack->sequence);
    watch_.answered();
  } else if (std::holds_alternative<wire::Ready>(message)) {
    stage_ = wire::Stage::Running;
    watch_.ready();
    is_heir_ = false;
    if (probation_) probation_->ready();
  } else if (std::holds_alternative<wire::Quit>(message)) {
    quits_ = true;
  } else if (std::holds_alternative<wire::Restart>(message)) {
    return restart();
  }
  return {};
}

Result<void> Keeper::restart() {
  for (auto& [pid, process] : kernel_.live()) process.let_go = true;
  channels_.clear();
  pidfds_.clear();
  table_.forget_slots();
  deposits_.clear();
  stage_ = wire::Stage::Restarted;
  restarts_ = true;
  witness_.restarted();
  return {};
}

Result<void> Keeper::spawn(const wire::Spawn& spawn, std::vector<std::shared_ptr<Fd>>& fds, Instant now) {
  if (spawn.plan.empty()) return Error{"SPAWN lacks its plan"};
  const wire::SpawnPlan plan = TRY(wire::decode_spawn_plan(spawn.plan));
  TRY(table_.begin_spawn(spawn));
  const auto fail = [&](wire::SpawnStage stage, int error) -> Result<void> {
    table_.cancel_spawn(spawn.slot);
    send(wire::SpawnFailed{spawn.slot, spawn.serial, stage, error});
    return {};
  };
  if (descriptors() + kDescriptorsOfAStart > descriptors_max) return fail(wire::SpawnStage::Pipes, EMFILE);
  if (failing_spawns > 0 && random_.one_in(failing_spawns)) return fail(wire::SpawnStage::Fork, EAGAIN);

  SimProcess born{.slot = spawn.slot, .serial = spawn.serial, .parent = number_};
  born.untouchable = spawn.slot == untouchable_slot;
  const std::string_view program = plan.argv.views().front();
  born.is_script = program.starts_with("./") && program != "./run" && program != "./log";
  std::vector<keeper::Channel> channels;
  std::size_t next_passed = 0;
  for (std::size_t i = 0; i < 2; ++i) {  // programs of the simulation have no standard error
    Fd& theirs = i == 0 ? born.in : born.out;
    if (plan.stdio[i] == wire::StdioSource::Passed) {
      if (next_passed == fds.size()) return Error{"SPAWN lacks a descriptor"};
      theirs = std::move(*copy_of(fds[next_passed++]->get()));
    } else if (plan.stdio[i] == wire::StdioSource::Pipe) {
      auto pipe = Pipe::make(O_NONBLOCK);
      if (!pipe) std::abort();  // the test itself is out of descriptors
      keeper::Channel channel;
      channel.which = static_cast<Stdio>(i);
      channel.pipe = std::move(i == 0 ? pipe->write : pipe->read);
      theirs = std::move(i == 0 ? pipe->read : pipe->write);
      channels.push_back(std::move(channel));
    }
  }
  Fd pidfd;
  const auto made = kernel_.fork(std::move(born), pidfd);
  if (std::holds_alternative<std::errc>(made)) return fail(wire::SpawnStage::Fork, EAGAIN);
  const int pid = std::get<int>(made);
  witness_.forked(spawn.slot, spawn.serial);

  table_.started(spawn.slot, {pid, now, kernel_.wall(now), false});
  channels_[spawn.slot] = std::move(channels);
  pidfds_[spawn.slot] = std::move(pidfd);
  wire::Spawned spawned{spawn.slot, spawn.serial, pid, true, now, kernel_.wall(now), {}};
  std::vector<const Fd*> ride{&pidfds_[spawn.slot]};
  if (defect_ == Defect::GatesOpenAtOnce) {
    kernel_.open_gate(pid, now);
  } else {
    gates_.push_back(pid);
  }
  spawned.channels = lend(spawn.slot, ride);
  send(spawned, ride);
  return {};
}

void Keeper::send_signal(const std::string& slot, std::uint64_t serial, int number, bool to_group, Instant now) {
  const keeper::Process& process = *table_.slots().at(slot).process;
  (void)to_group;  // the groups of the simulation have one member
  int error = 0;
  if (process.adopted && defect_ != Defect::SignalsByNumber) {
    const bool ended = Kernel::has_ended(pidfds_.at(slot));
    witness_.signalled(slot, serial, ended ? nullptr : kernel_.find(process.pid), number);
    error = kernel_.signal(pidfds_.at(slot), number, now);
  } else {
    witness_.signalled(slot, serial, kernel_.find(process.pid), number);
    error = kernel_.signal(process.pid, number, now);
  }
  if (error != 0 && attached_) send(wire::SignalFailed{slot, serial, number, error});
}

// --- the outside

void Keeper::signalled(int number) {
  table_.signalled(number);
  if (table_.asked_to_stop()) watch_.stop_asked();
}

void Keeper::reap(int pid, const ExitStatus& status, Instant now) {
  kernel_.reap(pid);
  slot_ended(pid, status, now);
}

void Keeper::look_at_adopted(Instant now) {
  std::vector<std::string> ended;
  for (const auto& [slot, entry] : table_.slots())
    if (entry.process && entry.process->adopted && Kernel::has_ended(pidfds_.at(slot))) ended.push_back(slot);
  for (const std::string& slot : ended) {
    table_.ended(slot, {}, now, kernel_.wall(now));
    tell_end(slot);
  }
}

void Keeper::slot_ended(int pid, const ExitStatus& status, Instant now) {
  const std::string* found = table_.exited(pid, status, now, kernel_.wall(now));
  if (!found) {
    if (attached_ && outbox_.size() < kOrphansWaitingMax) send(wire::Orphan{pid, status});
    return;
  }
  tell_end(*found);
}

void Keeper::tell_end(const std::string& slot) {
  const keeper::SlotEntry& entry = table_.slots().at(slot);
  if (attached_) {
    table_.told(slot);
    wire::Exited exited;
    exited.slot = slot;
    exited.serial = entry.serial;
    exited.status = entry.owed->status;
    exited.ended = entry.owed->ended;
    exited.ended_wall = entry.owed->ended_wall;
    send(exited);
  } else if (defect_ == Defect::ExitForgotten) {
    (void)table_.release(slot, std::string{entry.note});
    channels_.erase(slot);
  }
}

// --- the engine's socket

void Keeper::send(const wire::FromKeeper& message, const std::vector<const Fd*>& fds) {
  Outgoing outgoing{wire::encode(message, next_sequence_++), {}, shown(message)};
  outgoing.is_answer = std::holds_alternative<wire::Spawned>(message) ||
                       std::holds_alternative<wire::SpawnFailed>(message) ||
                       std::holds_alternative<wire::Refused>(message);
  for (const Fd* fd : fds) outgoing.fds.push_back(copy_of(fd->get()));
  outbox_.push_back(std::move(outgoing));
}

std::size_t Keeper::answers_waiting() const {
  return static_cast<std::size_t>(std::ranges::count_if(outbox_, &Outgoing::is_answer));
}

void Keeper::flush(std::size_t room, Instant now) {
  tell_signals();
  for (; !outbox_.empty() && room > 0; --room) {
    Outgoing first = std::move(outbox_.front());
    outbox_.pop_front();
    witness_.sent(std::move(first.datagram), std::move(first.fds), first.shown);
  }
  if (outbox_.empty())
    for (const int pid : std::exchange(gates_, {})) kernel_.open_gate(pid, now);
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

void Keeper::begin_engine() {
  attached_ = true;
  restarts_ = false;
  wire::Welcome welcome;
  welcome.stage = stage_;
  welcome.keeper_pid = 0x7fffffff;  // nobody's parent: its end of the socket is all that tells of its death
  welcome.engine_starts = is_heir_ && defect_ != Defect::HeirForgotten ? 0 : watch_.starts() - 1;
  welcome.facts_only = watch_.facts_only();
  if (welcome.facts_only && watch_.is_stop_asked()) table_.signalled(SIGTERM);
  send(welcome);
  send_snapshot();
}

void Keeper::send_snapshot() {
  for (const auto& [name, fd] : deposits_) send(wire::Deposited{name}, {fd.get()});
  for (const auto& [name, entry] : table_.slots()) {
    wire::Slot slot;
    slot.slot = name;
    slot.note = entry.note;
    slot.serial = entry.serial;
    slot.will = entry.will;
    std::vector<const Fd*> fds;
    if (entry.process) {
      slot.pid = entry.process->pid;
      slot.started = entry.process->started;
      slot.started_wall = entry.process->started_wall;
      slot.has_pidfd = true;
      fds.push_back(&pidfds_.at(name));
    }
    if (entry.owed) {
      slot.owed = entry.owed->status;
      slot.ended = entry.owed->ended;
      slot.ended_wall = entry.owed->ended_wall;
      table_.told(name);
    }
    slot.channels = lend(name, fds);
    send(slot, fds);
  }
  send(wire::Synced{});
}

void Keeper::end_engine(const ExitStatus& status, Instant now) {
  attached_ = false;
  outbox_.clear();
  for (const int pid : std::exchange(gates_, {})) kernel_.open_gate(pid, now);  // the next one is told of them first
  table_.forget_told();
  if (std::exchange(leaving_, false)) {
    watch_.left(now);
  } else {
    watch_.ended(status, now);
  }
  hold_all();
  carry(now);
  if (!restarts_) return;
  watch_ = keeper::EngineWatch{};
  if (table_.asked_to_stop()) watch_.stop_asked();
}

// --- channels

void Keeper::hold_all() {
  spooled_ = 0;
  for (auto& [slot, channels] : channels_)
    for (keeper::Channel& channel : channels)
      if (channel.which != Stdio::In) spooled_ += channel.settle_spool();
}

void Keeper::carry(Instant now) {
  if (attached_) return;
  for (auto& [slot, channels] : channels_)
    for (keeper::Channel& channel : channels)
      if (channel.which != Stdio::In) hold(channel, now);
}

void Keeper::hold(keeper::Channel& channel, Instant now) {
  for (int turns = 0; !channel.ended && turns < 100; ++turns) {
    const std::int64_t room = std::min(kSimSpoolBytesMax - channel.settle_spool(), kSimSpoolBytesMaxAll - spooled_);
    const bool is_over = channel.full_since && now - *channel.full_since >= keeper::kFullPatience;
    const bool drops = is_over || defect_ == Defect::DropsAtOnce;
    if (!Kernel::has_ended(channel.pipe)) return;  // nothing to read, and not at its end
    if (room <= 0 && !drops) {
      if (!channel.full_since) channel.full_since = now;
      return;
    }
    spooled_ += channel.hold(room, drops);
  }
}

std::vector<wire::ChannelState> Keeper::lend(const std::string& slot, std::vector<const Fd*>& fds) {
  std::vector<wire::ChannelState> states;
  for (keeper::Channel& channel : channels_[slot]) {
    channel.full_since.reset();
    channel.ended = false;
    wire::ChannelState state;
    state.which = channel.which;
    state.spooled = static_cast<std::uint64_t>(channel.settle_spool());
    state.dropped = std::exchange(channel.dropped, 0);
    if (defect_ == Defect::DropsUncounted) state.dropped = 0;
    state.has_spool = channel.spool && defect_ != Defect::SpoolForgotten;
    if (state.dropped > 0) witness_.dropped(slot, state.dropped);
    fds.push_back(&channel.pipe);
    if (state.has_spool) fds.push_back(&channel.spool);
    states.push_back(state);
  }
  if (states.empty()) channels_.erase(slot);
  return states;
}

std::size_t Keeper::descriptors() const {
  std::size_t count = deposits_.size() + pidfds_.size();
  for (const auto& [slot, channels] : channels_)
    for (const keeper::Channel& channel : channels) count += channel.spool ? 2 : 1;
  return count;
}

// --- time

std::optional<Instant> Keeper::deadline(Instant now) const {
  std::optional<Instant> at = watch_.claims_end_at();
  const auto consider = [&](std::optional<Instant> other) {
    if (other && (!at || *other < *at)) at = other;
  };
  if (!attached_)
    for (const auto& [slot, channels] : channels_)
      for (const keeper::Channel& channel : channels)
        if (channel.full_since && !channel.ended && *channel.full_since + keeper::kFullPatience > now)
          consider(*channel.full_since + keeper::kFullPatience);
  if (wills_since_) consider(now + std::chrono::milliseconds{100});
  if (probation_ && !watch_.is_stop_asked()) consider(std::max(now, probation_->deadline()));
  return at;
}

void Keeper::on_time(Instant now) {
  watch_.answer_expected(attached_ && table_.anything_told_unanswered(), now);
  if (const auto at = watch_.claims_end_at(); at && *at <= now) {
    std::erase_if(deposits_, [](const auto& deposit) { return deposit.first.ends_with(wire::kClaimSuffix); });
    watch_.claims_ended();
  }
  if (probation_ && probation_->is_passed(now)) probation_.reset();
  if (!wills_since_ && watch_.last_will_due()) wills_since_ = now;
  if (wills_since_) perform_last_wills(now);
}

void Keeper::perform_last_wills(Instant now) {
  const bool first = *wills_since_ == now;
  std::vector<std::pair<std::string, keeper::SlotEntry>> slots{table_.slots().begin(), table_.slots().end()};
  for (const auto& [name, entry] : slots) {
    if (!entry.process) continue;
    if (first) send_signal(name, entry.serial, entry.will.signal, entry.will.to_group, now);
    if (now - *wills_since_ >= std::chrono::milliseconds{entry.will.grace_ms})
      send_signal(name, entry.serial, SIGKILL, entry.will.kill_group, now);
  }
}

}  // namespace upkeep::simulation
