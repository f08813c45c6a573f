// An engine whose keeper says anything that can be said, in any order: it neither crashes nor loses the thread, and
// what it would hand over should that keeper die is complete.
//
// Input: frames of u16 length (little-endian) and a datagram. Those that do not decode are left out, since at these an
// engine leaves. The descriptors that a message speaks of ride along.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/datagram.h"
#include "engine/keeper_link.h"

using namespace upkeep;
using namespace upkeep::engine;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Answers facts as an engine would.
class Answering : public SlotEvents, public DaemonEvents {
 public:
  explicit Answering(KeeperLink& link) : link_(link) {}
  void on_spawned(wire::Spawned fact, std::vector<LentChannel> channels) override {
    require(channels.size() == fact.channels.size());
    for (const LentChannel& channel : channels) require(static_cast<bool>(channel.pipe));
    link_.note(fact.slot, "running");
  }
  void on_spawn_failed(const wire::SpawnFailed& fact) override { link_.note(fact.slot, ""); }
  void on_exited(const wire::Exited& fact) override {
    if (fact.serial % 2 == 0) return link_.release(fact.slot, "");
    link_.release(fact.slot, "stopped");
    link_.spawn(fact.slot, fact.serial + 1, "starting", {}, "plan", {});
  }
  void on_signal_failed(const wire::SignalFailed& fact) override { link_.note(fact.slot, "unknown"); }
  void on_signalled(int, std::uint64_t sequence) override { link_.acknowledge(sequence); }
  void on_orphan(const wire::Orphan&) override {}
  void on_refused(const std::string&) override {}
  void on_keeper_lost() override {}

 private:
  KeeperLink& link_;
};

void send(int socket, const wire::FromKeeper& message) {
  const Fd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  const std::vector<int> fds(wire::fds_expected(message), null.get());
  (void)send_datagram(socket, wire::encode(message, 1), fds);
}

// Decoded only where all of it can ride: no more descriptors than the keeper sends.
std::vector<wire::FromKeeper> read_messages(std::string_view bytes) {
  std::vector<wire::FromKeeper> messages;
  while (bytes.size() > 2) {
    const auto length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) |
                        static_cast<std::size_t>(static_cast<unsigned char>(bytes[1])) << 8;
    const std::string_view datagram = bytes.substr(2, length);
    bytes.remove_prefix(2 + datagram.size());
    if (auto framed = wire::decode_from_keeper(datagram);
        framed && wire::fds_expected(framed->message) <= wire::kFdsPerMessageMax)
      messages.push_back(std::move(framed->message));
  }
  return messages;
}

void drain(int socket) {
  Datagram ignored;
  while (receive_datagram(socket, wire::kMessageBytesMax, ignored) == Received::Message) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto messages = read_messages({reinterpret_cast<const char*>(data), size});
  int ends[2];
  if (messages.empty() || ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return 0;
  const Fd keeper{ends[0]};
  os::Loop loop;
  KeeperLink link{Fd{ends[1]}};

  // The snapshot, up to the first SYNCED; the rest is life.
  std::size_t next = 0;
  for (; next < messages.size() && !std::holds_alternative<wire::Synced>(messages[next]); ++next)
    send(keeper.get(), messages[next]);
  send(keeper.get(), wire::Synced{});
  const auto snapshot = link.attach();
  if (!snapshot) return 0;  // refused: an engine ends here

  Answering answering{link};
  require(link.listen(loop, answering, answering).has_value());
  for (; next < messages.size(); ++next) {
    send(keeper.get(), messages[next]);
    loop.turn(Duration{0});
    drain(keeper.get());
  }
  const std::string table =
      wire::encode_handover(link.handover([](const std::string&) { return KeeperLink::ChannelFds{}; }));
  const auto again = wire::decode_handover(table);
  require(again && wire::encode_handover(*again) == table);
  return 0;
}
