#include "engine/keeper_link.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "os/file.h"

namespace upkeep::engine {
namespace {

constexpr int kLastFlushMs = 1000;
constexpr Duration kDepositPause{std::chrono::seconds{1}};  // until the keeper may have descriptors again
constexpr int kReparentTries = 1000;                        // of a millisecond each

}  // namespace

KeeperLink::KeeperLink(Fd socket) : socket_(std::move(socket)) {}

KeeperLink::~KeeperLink() {
  if (loop_) loop_->remove_clockwork(*this);
}

Result<Snapshot> KeeperLink::attach() {
  send(wire::Hello{});
  Snapshot snapshot;
  Datagram datagram;
  for (;;) {
    switch (receive_datagram(socket_.get(), wire::kMessageBytesMax, datagram)) {
      case Received::Closed: return Error{"the keeper is gone"};
      case Received::Nothing: {
        pollfd wait{socket_.get(), POLLIN, 0};
        (void)::poll(&wait, 1, -1);
        continue;
      }
      case Received::Message: break;
    }
    if (datagram.truncated) return Error{"descriptors were lost on the way from the keeper: too many open files"};
    auto framed = TRY(wire::decode_from_keeper(datagram.bytes));
    if (datagram.fds.size() != wire::fds_expected(framed.message))
      return Error{"a message of the keeper lacks descriptors"};
    if (auto* welcome = std::get_if<wire::Welcome>(&framed.message)) {
      snapshot.welcome = *welcome;
      keeper_pid_ = static_cast<pid_t>(welcome->keeper_pid);
    } else if (auto* deposited = std::get_if<wire::Deposited>(&framed.message)) {
      deposits_[deposited->name] = std::move(datagram.fds.front());
    } else if (auto* slot = std::get_if<wire::Slot>(&framed.message)) {
      Mirror& mirror = mirror_[slot->slot];
      mirror.slot = *slot;
      mirror.slot.channels.clear();
      auto next = datagram.fds.begin();
      if (slot->has_pidfd) mirror.pidfd = std::move(*next++);
      auto channels = take_channels(slot->channels, next);
      const std::string name = slot->slot;
      snapshot.slots[name] = {std::move(*slot), std::move(channels)};
    } else if (auto* refused = std::get_if<wire::Refused>(&framed.message)) {
      return Error{"the keeper refused: " + refused->why};
    } else if (std::holds_alternative<wire::Synced>(framed.message)) {
      return snapshot;
    }
  }
}

Result<void> KeeperLink::listen(os::Loop& loop, SlotEvents& slots, DaemonEvents& daemon) {
  loop_ = &loop;
  slots_ = &slots;
  daemon_ = &daemon;
  loop.add_clockwork(*this);
  watch_ = TRY(loop.watch(socket_.get(), EPOLLIN, [this](std::uint32_t events) {
    if (events & EPOLLOUT) flush();
    if (events & ~static_cast<std::uint32_t>(EPOLLOUT)) receive();
  }));
  return {};
}

void KeeperLink::spawn(const std::string& slot, std::uint64_t serial, std::string note, const wire::LastWill& will,
                       std::string plan, std::vector<Fd> passed) {
  wire::Slot& mirror = mirror_[slot].slot;
  mirror.slot = slot;
  mirror.serial = serial;
  mirror.note = std::string{note};  // a copy without room for more, unlike an assigned one: there is one a process
  mirror.will = will;
  wire::Spawn spawn{slot, serial, std::move(note), will, {}};
  if (plan.size() <= wire::kInlinePlanBytesMax) {
    spawn.plan = std::move(plan);
  } else if (auto memfd = os::make_memfd("upkeep-plan", plan, os::Sealing::Sealed)) {
    passed.push_back(std::move(*memfd));
  }  // without a memfd the keeper refuses a SPAWN without a plan, and the refusal is logged
  std::vector<int> fds;
  for (const Fd& fd : passed) fds.push_back(fd.get());
  spawns_asked_[next_sequence_] = {slot, serial};
  send(spawn, std::move(fds), std::move(passed));
}

void KeeperLink::signal(const std::string& slot, std::uint64_t serial, int number, bool to_group,
                        std::optional<std::string> note) {
  if (note) {
    Mirror& mirror = mirror_[slot];
    mirror.slot.slot = slot;
    mirror.slot.note = std::string{*note};
  }
  send(wire::Signal{slot, serial, number, to_group, std::move(note)});
}

void KeeperLink::note(const std::string& slot, std::string note) {
  Mirror& mirror = mirror_[slot];
  mirror.slot.slot = slot;
  mirror.slot.note = std::string{note};
  forget_if_empty(slot);
  send(wire::Note{slot, std::move(note)});
}

void KeeperLink::release(const std::string& slot, std::string note) {
  Mirror& mirror = mirror_[slot];
  mirror.slot.note = std::string{note};
  mirror.slot.owed.reset();
  forget_if_empty(slot);
  send(wire::Release{slot, std::move(note)});
}

void KeeperLink::forget_if_empty(const std::string& slot) {
  const wire::Slot& mirror = mirror_.at(slot).slot;
  if (mirror.note.empty() && mirror.pid == 0 && !mirror.owed) mirror_.erase(slot);
}

bool KeeperLink::has_ended(const std::string& slot) const {
  const auto found = mirror_.find(slot);
  if (found == mirror_.end() || !found->second.pidfd) return false;
  pollfd end{found->second.pidfd.get(), POLLIN, 0};
  return ::poll(&end, 1, 0) == 1;
}

void KeeperLink::deposit(const std::string& name, const Fd& fd) {
  auto copy = fd.duplicate();
  if (!copy) return;  // out of descriptors: the deposit is missed at the next engine start only
  send_deposit(name, *copy);
  deposits_[name] = std::move(*copy);
}

void KeeperLink::send_deposit(const std::string& name, const Fd& fd) {
  auto riding = fd.duplicate();  // the message keeps its own, whatever becomes of the deposit before it is sent
  if (!riding) return;
  std::vector<Fd> owned;
  const int number = owned.emplace_back(std::move(*riding)).get();
  send(wire::Deposit{name}, {number}, std::move(owned));
}

bool KeeperLink::upgrade(const wire::Upgrade& upgrade, const Fd& image) {
  auto riding = image.duplicate();
  if (!riding) return false;
  std::vector<Fd> owned;
  const int number = owned.emplace_back(std::move(*riding)).get();
  send(upgrade, {number}, std::move(owned));
  return true;
}

void KeeperLink::discard(const std::string& name) {
  deposits_.erase(name);
  send(wire::Discard{name});
}

Fd KeeperLink::take(const std::string& name) {
  const auto found = deposits_.find(name);
  if (found == deposits_.end()) return Fd{};
  auto copy = found->second.duplicate();
  return copy ? std::move(*copy) : Fd{};
}

std::vector<std::string> KeeperLink::names() const {
  std::vector<std::string> names;
  for (const auto& [name, fd] : deposits_) names.push_back(name);
  return names;
}

void KeeperLink::send(const wire::FromEngine& message, std::vector<int> fds, std::vector<Fd> owned) {
  const std::uint64_t sequence = next_sequence_++;
  outbox_.push_back({sequence, wire::encode(message, sequence), std::move(fds), std::move(owned)});
  flush();
}

void KeeperLink::flush() {
  while (!outbox_.empty()) {
    const int error = send_datagram(socket_.get(), outbox_.front().datagram, outbox_.front().fds);
    if (error == EAGAIN || error == ETOOMANYREFS || error == ENOBUFS || error == ENOMEM) break;
    const std::uint64_t sequence = outbox_.front().sequence;
    outbox_.pop_front();  // sent, or the keeper is gone: then the end of its socket tells
    is_dead_ = is_dead_ || error == EPIPE || error == ECONNRESET;
    if (error == EMSGSIZE && loop_)
      loop_->defer([this, sequence] { refused(sequence, "the message is too long for the keeper"); });
  }
  if (watch_) watch_.set_interest(outbox_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void KeeperLink::flush_before_exit() {
  for (int tries = 0; !outbox_.empty() && tries < 10; ++tries) {
    pollfd wait{socket_.get(), POLLOUT, 0};
    (void)::poll(&wait, 1, kLastFlushMs / 10);
    flush();
  }
}

void KeeperLink::receive() {
  Datagram datagram;
  for (;;) {
    switch (receive_datagram(socket_.get(), wire::kMessageBytesMax, datagram)) {
      case Received::Nothing: return;
      case Received::Closed: return lost();
      case Received::Message: break;
    }
    auto framed = wire::decode_from_keeper(datagram.bytes);
    if (!framed || datagram.truncated || datagram.fds.size() != wire::fds_expected(framed->message)) {
      // A lost descriptor is a process we cannot read or hand over: recovering from the keeper's facts is the way out.
      ::_exit(1);
    }
    handle(std::move(framed->message), framed->sequence, std::move(datagram.fds));
  }
}

// Our socket ended. Only a keeper that is gone has given us to another parent; one that lives has given us up, and the
// next engine will recover. The kernel closes a dying process's files before it reparents its children.
void KeeperLink::lost() {
  watch_.reset();
  for (int tries = 0; ::getppid() == keeper_pid_; ++tries) {
    if (tries == kReparentTries) ::_exit(1);
    (void)::poll(nullptr, 0, 1);
  }
  daemon_->on_keeper_lost();
}

std::vector<LentChannel> KeeperLink::take_channels(const std::vector<wire::ChannelState>& states,
                                                   std::vector<Fd>::iterator next) {
  std::vector<LentChannel> channels;
  for (const wire::ChannelState& state : states) {
    LentChannel channel;
    channel.which = state.which;
    channel.dropped = state.dropped;
    channel.pipe = std::move(*next++);
    if (state.has_spool) channel.spool = std::move(*next++);
    channels.push_back(std::move(channel));
  }
  return channels;
}

// Answers come in the order of the requests: the one asked first is nearly always the first.
void KeeperLink::forget_asked(const std::string& slot, std::uint64_t serial) {
  for (auto asked = spawns_asked_.begin(); asked != spawns_asked_.end(); ++asked) {
    if (asked->second.first != slot || asked->second.second != serial) continue;
    spawns_asked_.erase(asked);
    return;
  }
}

void KeeperLink::on_time(Instant) {
  deposit_again_at_.reset();
  for (const auto& [name, fd] : deposits_) send_deposit(name, fd);
}

// A start that the keeper refuses has failed like any other; what else it refuses is only told.
void KeeperLink::refused(std::uint64_t sequence, const std::string& why) {
  daemon_->on_refused(why);
  const auto found = spawns_asked_.find(sequence);
  if (found == spawns_asked_.end()) {
    if (why == wire::kDescriptorsLost && loop_) deposit_again_at_ = loop_->now() + kDepositPause;
    return;
  }
  const auto [slot, serial] = found->second;
  spawns_asked_.erase(found);
  slots_->on_spawn_failed({slot, serial, wire::SpawnStage::None, EINVAL});
}

void KeeperLink::handle(wire::FromKeeper message, std::uint64_t sequence, std::vector<Fd> fds) {
  if (auto* spawned = std::get_if<wire::Spawned>(&message)) {
    Mirror& mirror = mirror_[spawned->slot];
    forget_asked(spawned->slot, spawned->serial);
    mirror.slot.pid = spawned->pid;
    mirror.slot.started = spawned->started;
    mirror.slot.started_wall = spawned->started_wall;
    auto next = fds.begin();
    if (spawned->has_pidfd) mirror.pidfd = std::move(*next++);
    auto channels = take_channels(spawned->channels, next);
    slots_->on_spawned(std::move(*spawned), std::move(channels));
  } else if (auto* failed = std::get_if<wire::SpawnFailed>(&message)) {
    forget_asked(failed->slot, failed->serial);
    slots_->on_spawn_failed(*failed);
  } else if (auto* exited = std::get_if<wire::Exited>(&message)) {
    Mirror& mirror = mirror_[exited->slot];
    mirror.pidfd.reset();
    mirror.slot.ended_pid = std::exchange(mirror.slot.pid, 0);
    mirror.slot.owed = exited->status;
    mirror.slot.ended = exited->ended;
    mirror.slot.ended_wall = exited->ended_wall;
    slots_->on_exited(*exited);
  } else if (auto* unsignalled = std::get_if<wire::SignalFailed>(&message)) {
    slots_->on_signal_failed(*unsignalled);
  } else if (auto* signalled = std::get_if<wire::Signalled>(&message)) {
    daemon_->on_signalled(signalled->number, sequence);
  } else if (auto* orphan = std::get_if<wire::Orphan>(&message)) {
    daemon_->on_orphan(*orphan);
  } else if (auto* refused = std::get_if<wire::Refused>(&message)) {
    this->refused(refused->sequence, refused->why);
  } else if (auto* not_upgraded = std::get_if<wire::UpgradeRefused>(&message)) {
    daemon_->on_upgrade_refused(std::move(not_upgraded->report));
  } else if (std::holds_alternative<wire::Leave>(message)) {
    daemon_->on_leave();
  }
}

}  // namespace upkeep::engine
