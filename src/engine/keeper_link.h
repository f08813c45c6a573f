// The keeper over its socket: sends requests, receives facts, and remembers what the keeper knows, so that the engine
// can become the keeper when that dies (successor.h).
#pragma once

#include <sys/types.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/datagram.h"
#include "engine/front_end.h"
#include "engine/keeper_port.h"
#include "os/loop.h"
#include "wire/handover.h"

namespace upkeep::engine {

// What the keeper knew when this engine attached.
struct Snapshot {
  struct Entry {
    wire::Slot slot;
    std::vector<LentChannel> channels;
  };
  wire::Welcome welcome;
  std::map<std::string, Entry> slots;
};

// Whether the last keeper was killed, and its engine became this one. Only for a daemon that runs.
inline bool is_keeper_new(const Snapshot& snapshot) { return snapshot.welcome.engine_starts == 0; }

class KeeperLink : public KeeperPort, public Deposits, public os::Clockwork {
 public:
  explicit KeeperLink(Fd socket);
  KeeperLink(KeeperLink&&) = default;  // before listen() only
  ~KeeperLink() override;

  // HELLO and everything up to SYNCED; blocks. Error: the keeper is gone or speaks another language.
  Result<Snapshot> attach();
  // From now on facts arrive through the loop. All three are borrowed.
  Result<void> listen(os::Loop& loop, SlotEvents& slots, DaemonEvents& daemon);

  void spawn(const std::string& slot, std::uint64_t serial, std::string note, const wire::LastWill& will,
             std::string plan, std::vector<Fd> passed) override;
  void signal(const std::string& slot, std::uint64_t serial, int number, bool to_group,
              std::optional<std::string> note) override;
  void note(const std::string& slot, std::string note) override;
  void release(const std::string& slot, std::string note) override;

  void setup(const wire::Setup& setup) { send(setup); }
  void ready(const wire::Ready& ready) { send(ready); }
  void acknowledge(std::uint64_t sequence) { send(wire::Ack{sequence}); }
  void quit(int exit_status) { send(wire::Quit{exit_status}); }
  void restart() { send(wire::Restart{}); }
  bool upgrade(const wire::Upgrade& upgrade, const Fd& image);  // false: no descriptor was left

  bool is_connected() const override { return !is_dead_; }
  bool has_ended(const std::string& slot) const override;

  void deposit(const std::string& name, const Fd& fd) override;
  void discard(const std::string& name) override;
  Fd take(const std::string& name) override;
  std::vector<std::string> names() const override;

  // Clockwork: deposits that the keeper had no descriptors for are sent again.
  std::optional<Instant> next_deadline() const override { return deposit_again_at_; }
  void on_time(Instant now) override;

  // Sends what waits, blocking for at most a second: before an exit.
  void flush_before_exit();

  // The keeper's table as we know it. `lend` names the descriptors of a slot's channels.
  using ChannelFds = std::vector<std::pair<wire::ChannelState, std::vector<int>>>;
  template <class Lend>
  std::vector<wire::HandoverItem> handover(Lend lend) const;

 private:
  struct Mirror {
    wire::Slot slot;  // channels left out
    Fd pidfd;
  };

  void send_deposit(const std::string& name, const Fd& fd);
  void send(const wire::FromEngine& message, std::vector<int> fds = {}, std::vector<Fd> owned = {});
  void flush();
  void receive();
  void forget_asked(const std::string& slot, std::uint64_t serial);
  void refused(std::uint64_t sequence, const std::string& why);
  void handle(wire::FromKeeper message, std::uint64_t sequence, std::vector<Fd> fds);
  void lost();
  std::vector<LentChannel> take_channels(const std::vector<wire::ChannelState>& states, std::vector<Fd>::iterator next);
  void forget_if_empty(const std::string& slot);

  struct Waiting {
    std::uint64_t sequence;
    std::string datagram;
    std::vector<int> fds;
    std::vector<Fd> owned;
  };
  Fd socket_;
  pid_t keeper_pid_ = 0;
  bool is_dead_ = false;
  std::deque<Waiting> outbox_;
  std::uint64_t next_sequence_ = 1;
  std::map<std::string, Mirror> mirror_;
  std::map<std::string, Fd> deposits_;
  std::optional<Instant> deposit_again_at_;
  std::map<std::uint64_t, std::pair<std::string, std::uint64_t>> spawns_asked_;  // by sequence: slot and serial
  SlotEvents* slots_ = nullptr;
  DaemonEvents* daemon_ = nullptr;
  os::Loop* loop_ = nullptr;
  os::Watch watch_;
};

template <class Lend>
std::vector<wire::HandoverItem> KeeperLink::handover(Lend lend) const {
  std::vector<wire::HandoverItem> items;
  for (const auto& [name, fd] : deposits_) items.push_back({wire::Deposited{name}, {fd.get()}});
  for (const auto& [name, mirror] : mirror_) {
    // A start that was asked for and not answered: with the keeper it is gone.
    if (mirror.slot.note.empty() && mirror.slot.pid == 0 && !mirror.slot.owed) continue;
    wire::HandoverItem item{mirror.slot, {}};
    auto& slot = std::get<wire::Slot>(item.message);
    slot.has_pidfd = slot.pid != 0 && mirror.pidfd;
    if (slot.has_pidfd) item.fds.push_back(mirror.pidfd.get());
    const ChannelFds channels = lend(name);
    for (const auto& [state, fds] : channels) {
      slot.channels.push_back(state);
      item.fds.insert(item.fds.end(), fds.begin(), fds.end());
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace upkeep::engine
