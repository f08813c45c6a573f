// Messages on their way between keeper and engine: a queue for each direction, in order, each message with its delay.
#include <sys/socket.h>

#include <cstdlib>

#include "base/datagram.h"
#include "simulation/simulation.h"

namespace upkeep::simulation {

Instant Simulation::due(const std::deque<Travelling>& queue) {
  const Instant at = now_ + random_.up_to(longest_delay_);
  return queue.empty() ? at : std::max(at, queue.back().due);
}

// Takes what the engine has sent on its way.
void Simulation::pump() {
  Datagram datagram;
  while (socket_ && receive_datagram(socket_.get(), wire::kMessageBytesMax, datagram) == Received::Message) {
    const auto framed = wire::decode_from_engine(datagram.bytes);
    require(framed.has_value(), "the engine sent something malformed");
    if (!framed) return;
    ++count_.messages;
    ++from_engine_in_event_;
    if (const auto* spawn = std::get_if<wire::Spawn>(&framed->message))
      slots_[spawn->slot].asked[spawn->serial] = step_;
    Travelling travelling{due(to_keeper_), datagram.bytes, {}};
    for (Fd& fd : datagram.fds) travelling.fds.push_back(std::make_shared<Fd>(std::move(fd)));
    datagram.fds.clear();
    to_keeper_.push_back(std::move(travelling));
  }
}

void Simulation::perform(const Travelling& message) {
  const auto framed = wire::decode_from_engine(message.datagram);
  if (const auto* note = std::get_if<wire::Note>(&framed->message)) tell("  NOTE " + note->slot);
  if (const auto* release = std::get_if<wire::Release>(&framed->message)) tell("  RELEASE " + release->slot);
  keeper_->perform(*framed, message.fds, now_);
}

void Simulation::sent(std::string datagram, std::vector<std::shared_ptr<Fd>> fds, const std::string& shown) {
  if (!shown.empty()) tell("  " + shown);
  ++count_.messages;
  Travelling travelling{now_, std::move(datagram), std::move(fds)};
  if (snapshot_) return deliver_to_engine(travelling);
  travelling.due = due(to_engine_);
  if (engine_) to_engine_.push_back(std::move(travelling));
}

void Simulation::deliver_to_engine(const Travelling& message) {
  std::vector<int> fds;
  for (const auto& fd : message.fds) fds.push_back(fd->get());
  if (send_datagram(socket_.get(), message.datagram, fds) != 0) std::abort();  // far less than a socket holds
}

}  // namespace upkeep::simulation
