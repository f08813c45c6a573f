// What a keeper knows, on its way to an engine, and from the keeper that was here before.
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/keeper.h"

namespace upkeep::keeper {
namespace {

// Only of our own children can we learn how they end.
bool is_child(pid_t pid) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace

wire::Slot Keeper::describe(const std::string& name, const SlotEntry& entry) {
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
    slot.failed_stage = entry.owed->failed_stage;
    slot.failed_errno = entry.owed->failed_errno;
    slot.ended = entry.owed->ended;
    slot.ended_wall = entry.owed->ended_wall;
    slot.ended_pid = entry.owed->pid;
  }
  return slot;
}

void Keeper::send_snapshot() {
  for (const auto& [name, fd] : deposits_) outbox_.put(wire::Deposited{name}, {fd.get()});
  for (const auto& [name, entry] : table_.slots()) {
    wire::Slot slot = describe(name, entry);
    std::vector<int> fds;
    std::vector<Fd> owned;
    if (entry.process) {
      if (const auto adopted = adopted_.find(name); adopted != adopted_.end()) {
        fds.push_back(adopted->second.get());
      } else if (Fd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, slot.pid, 0))}; pidfd) {
        fds.push_back(owned.emplace_back(std::move(pidfd)).get());
      }
      slot.has_pidfd = !fds.empty();
    }
    if (entry.owed) table_.told(name);
    slot.channels = lend(name, fds);
    outbox_.put(slot, std::move(fds), std::move(owned));
  }
  outbox_.put(wire::Synced{});
}

// We are the engine of a keeper that died, whose processes are nobody's children of ours; or that keeper itself,
// executing another image.
void Keeper::take_over(std::vector<wire::HandoverItem> items) {
  is_heir_ = !items.empty();
  for (wire::HandoverItem& item : items) {
    std::vector<Fd> fds;
    for (const int fd : item.fds) fds.emplace_back(fd);
    if (const auto* state = std::get_if<wire::KeeperState>(&item.message)) {
      resume(*state, std::move(fds));
      continue;
    }
    if (auto* deposited = std::get_if<wire::Deposited>(&item.message))
      deposits_[deposited->name] = std::move(fds.front());
    if (const auto* owed = std::get_if<wire::Signalled>(&item.message)) {
      table_.signalled(owed->number);
      if (table_.asked_to_stop()) watch_.stop_asked();
    }
    auto* slot = std::get_if<wire::Slot>(&item.message);
    if (!slot) continue;
    SlotEntry& entry = table_.slots()[slot->slot];
    entry.note = slot->note;
    entry.serial = slot->serial;
    entry.will = slot->will;
    const bool is_ours = slot->pid != 0 && is_child(slot->pid);
    if (slot->owed)
      entry.owed =
          OwedExit{*slot->owed, slot->failed_stage, slot->failed_errno, slot->ended, slot->ended_wall, slot->ended_pid};
    auto next = fds.begin();
    if (slot->pid != 0) table_.started(slot->slot, Process{slot->pid, slot->started, slot->started_wall, !is_ours});
    if (slot->owed && attached_) table_.told(slot->slot);
    if (slot->pid != 0 && !slot->has_pidfd && !is_ours) adopted_blindly_.insert(slot->slot);
    if (slot->pid != 0 && slot->has_pidfd) {
      const std::uint64_t key = next_key_++;
      watch_fd(next->get(), Kind::Adopted, key, EPOLLIN);
      adopted_keys_[key] = slot->slot;
      adopted_[slot->slot] = std::move(*next++);
    }
    for (const wire::ChannelState& state : slot->channels) {
      Channel channel;
      channel.which = state.which;
      channel.pipe = std::move(*next++);
      if (state.has_spool) channel.spool = std::move(*next++);
      channel.dropped = state.dropped;
      channels_[slot->slot].push_back(std::move(channel));
    }
  }
  if (!attached_) hold_all();
}

}  // namespace upkeep::keeper
