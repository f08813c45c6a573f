#include "logs/channel.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace upkeep::logs {

Channel::Channel(os::Loop& loop, TeePipe& tee, Fd pipe, Fd spool, Route route)
    : loop_(loop), tee_(tee), pipe_(std::move(pipe)), spool_(std::move(spool)), route_(std::move(route)) {}

Result<std::unique_ptr<Channel>> Channel::make(os::Loop& loop, TeePipe& tee, Fd pipe, Fd spool, Route route) {
  std::unique_ptr<Channel> channel{new Channel{loop, tee, std::move(pipe), std::move(spool), std::move(route)}};
  channel->watch_ =
      TRY(loop.watch(channel->pipe_.get(), EPOLLIN, [self = channel.get()](std::uint32_t) { self->turn(kTurnBytes); }));
  if (channel->spool_) channel->continue_soon();
  return channel;
}

void Channel::set_route(Route route) {
  route_ = std::move(route);
  sink_splices_ = true;
}

void Channel::drain() { turn(kDrainBytes); }

void Channel::turn(std::size_t budget) {
  while (budget > 0 && !at_end_) {
    const std::size_t moved = move(std::min(budget, kPeekBytes));
    if (moved == 0) return notice_end();
    budget -= std::min(budget, moved);
  }
  if (spool_) continue_soon();  // nothing else wakes us: a memfd cannot be watched
}

void Channel::continue_soon() {
  if (std::exchange(will_continue_, true)) return;
  loop_.defer([this, alive = std::weak_ptr<const bool>{alive_}] {
    if (alive.expired()) return;
    will_continue_ = false;
    turn(kTurnBytes);
  });
}

// epoll's own word may be older than our last read, so ask again. A pipe that has lost its last writer cannot get
// another.
void Channel::notice_end() {
  pollfd state{pipe_.get(), POLLIN, 0};
  if (::poll(&state, 1, 0) <= 0 || (state.revents & POLLIN) || !(state.revents & (POLLHUP | POLLERR))) return;
  at_end_ = true;
  watch_.reset();
}

std::size_t Channel::move(std::size_t most) {
  if (spool_) {
    if (const std::size_t moved = move_from_spool(most)) return moved;
    finish_spool();
  }
  return move_from_pipe(most);
}

std::size_t Channel::move_from_spool(std::size_t most) {
  if (route_.sink && may_splice()) {
    if (const auto moved = route_.sink->splice_from(spool_.get(), most)) {
      bytes_ += *moved;
      return *moved;
    }
    sink_splices_ = false;
  }
  const off_t position = ::lseek(spool_.get(), 0, SEEK_CUR);
  std::array<char, kPeekBytes> buffer;
  ssize_t got = 0;
  do {
    got = ::pread(spool_.get(), buffer.data(), std::min(most, buffer.size()), position);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return 0;
  deliver({buffer.data(), static_cast<std::size_t>(got)});
  (void)::lseek(spool_.get(), position + got, SEEK_SET);  // within the file: cannot fail
  return static_cast<std::size_t>(got);
}

void Channel::finish_spool() {
  (void)::ftruncate(spool_.get(), 0);  // on a memfd neither can fail
  (void)::lseek(spool_.get(), 0, SEEK_SET);
  spool_.reset();
}

std::size_t Channel::move_from_pipe(std::size_t most) {
  if (!route_.sink && !route_.tap) {
    const std::size_t gone = tee_.discard(pipe_.get(), most);
    bytes_ += gone;
    return gone;
  }
  if (route_.sink && may_splice()) {
    if (const auto moved = route_.sink->splice_from(pipe_.get(), most)) {
      bytes_ += *moved;
      return *moved;
    }
    sink_splices_ = false;
  }
  const auto seen = tee_.peek(pipe_.get());
  if (!seen || seen->empty()) return 0;
  const std::size_t size = seen->size();
  deliver(*seen);
  tee_.consume(pipe_.get(), size);
  return size;
}

void Channel::deliver(std::string_view bytes) {
  bytes_ += bytes.size();
  copied_ += bytes.size();
  if (route_.sink) route_.sink->write(bytes);
  if (route_.tap) route_.tap(bytes);
}

}  // namespace upkeep::logs
