// Messages on their way to the engine. Neither side ever blocks on the socket: what does not fit waits here.
//
// The keeper reads no further message while one waits that borrows descriptors: nothing can release them meanwhile.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/fd.h"
#include "wire/keeper_messages.h"

namespace upkeep::keeper {

class Outbox {
 public:
  // Returns the message's sequence. `fds` are borrowed in the order they ride; `owned` are closed once sent.
  std::uint64_t put(const wire::FromKeeper& message, std::vector<int> fds = {}, std::vector<Fd> owned = {});
  enum class Flow { Done, Full, TryLater, Broken };
  Flow flush(int socket);
  bool empty() const { return queue_.empty(); }
  bool is_borrowing() const;  // what waits has descriptors of others
  std::size_t size() const { return queue_.size(); }
  void clear() { queue_.clear(); }
  // The numbering of messages goes on over a change of images.
  std::uint64_t next_sequence() const { return next_sequence_; }
  void go_on_from(std::uint64_t sequence) { next_sequence_ = sequence; }

 private:
  struct Item {
    std::string datagram;
    std::vector<int> fds;
    std::vector<Fd> owned;
  };
  std::deque<Item> queue_;
  std::uint64_t next_sequence_ = 1;
};

}  // namespace upkeep::keeper
