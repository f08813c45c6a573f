// The keeper's end of a real socket pair, played by the test: says what it is told to, and shows what an engine sends.
// Nothing here knows what a keeper would do; fake_keeper.h is the one that does.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/datagram.h"
#include "wire/keeper_messages.h"

namespace upkeep::fakes {

class ScriptedKeeper {
 public:
  struct Heard {
    std::uint64_t sequence = 0;
    wire::FromEngine message;
    std::vector<Fd> fds;
  };

  ScriptedKeeper() {
    int ends[2]{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    socket_ = Fd{ends[0]};
    engine_end_ = Fd{ends[1]};
  }

  Fd engine_end() { return std::move(engine_end_); }
  void hang_up() { socket_.reset(); }

  // `fds` are borrowed. Returns the message's sequence.
  std::uint64_t tell(const wire::FromKeeper& message, const std::vector<int>& fds = {}) {
    EXPECT_EQ(send_datagram(socket_.get(), wire::encode(message, next_sequence_), fds), 0);
    return next_sequence_++;
  }

  // The engine's next message; nullopt: none waits.
  std::optional<Heard> hear() {
    Datagram datagram;
    if (receive_datagram(socket_.get(), wire::kMessageBytesMax, datagram) != Received::Message) return std::nullopt;
    auto framed = wire::decode_from_engine(datagram.bytes);
    EXPECT_TRUE(framed) << framed.error().text;
    if (!framed) return std::nullopt;
    return Heard{framed->sequence, std::move(framed->message), std::move(datagram.fds)};
  }
  // The same where the message must be a `Message`; its descriptors go to `fds`.
  template <class Message>
  Message hear_a(std::vector<Fd>* fds = nullptr, std::uint64_t* sequence = nullptr) {
    auto heard = hear();
    auto* message = heard ? std::get_if<Message>(&heard->message) : nullptr;
    if (!message) {
      ADD_FAILURE() << (heard ? "another message" : "no message");
      return {};
    }
    if (fds) *fds = std::move(heard->fds);
    if (sequence) *sequence = heard->sequence;
    return std::move(*message);
  }

 private:
  Fd socket_, engine_end_;
  std::uint64_t next_sequence_ = 1;
};

}  // namespace upkeep::fakes
