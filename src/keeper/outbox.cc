#include "keeper/outbox.h"

#include "base/datagram.h"

#include <algorithm>
#include <cerrno>

namespace upkeep::keeper {

std::uint64_t Outbox::put(const wire::FromKeeper& message, std::vector<int> fds, std::vector<Fd> owned) {
  const std::uint64_t sequence = next_sequence_++;
  queue_.push_back({wire::encode(message, sequence), std::move(fds), std::move(owned)});
  return sequence;
}

bool Outbox::is_borrowing() const {
  return std::any_of(queue_.begin(), queue_.end(),
                     [](const Item& item) { return item.fds.size() > item.owned.size(); });
}

Outbox::Flow Outbox::flush(int socket) {
  while (!queue_.empty()) {
    const int error = send_datagram(socket, queue_.front().datagram, queue_.front().fds);
    if (error == EAGAIN) return Flow::Full;
    // ETOOMANYREFS: too many descriptors in flight; the engine will take some out.
    if (error == ETOOMANYREFS || error == ENOBUFS || error == ENOMEM) return Flow::TryLater;
    if (error != 0) return Flow::Broken;
    queue_.pop_front();
  }
  return Flow::Done;
}

}  // namespace upkeep::keeper
