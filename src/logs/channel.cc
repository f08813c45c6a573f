#include "logs/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace upkeep::logs {
namespace {

// How much may stay in a pipe for long. Writes that fill pages badly make it full at half of its size, and one of a
// single page, as users get who have many pipes, at any.
std::size_t rest_bytes_max(int pipe) {
  const int size = ::fcntl(pipe, F_GETPIPE_SZ);
  return size >= 2 * ::getpagesize() ? static_cast<std::size_t>(size) / 4 : 0;
}

}  // namespace

Channel::Channel(os::Loop& loop, TeePipe& tee, Fd pipe, Fd spool, Route route)
    : loop_(loop),
      tee_(tee),
      pipe_(std::move(pipe)),
      spool_(std::move(spool)),
      rest_bytes_max_(rest_bytes_max(pipe_.get())),
      route_(std::move(route)) {}

Result<std::unique_ptr<Channel>> Channel::make(os::Loop& loop, TeePipe& tee, Fd pipe, Fd spool, Route route) {
  std::unique_ptr<Channel> channel{new Channel{loop, tee, std::move(pipe), std::move(spool), std::move(route)}};
  channel->watch_ = TRY(loop.watch(channel->pipe_.get(), EPOLLIN,
                                   [self = channel.get()](std::uint32_t) { self->turn(kTurnBytes, Look::WhileMuch); }));
  if (channel->spool_) channel->continue_soon();
  return channel;
}

void Channel::set_route(Route route) {
  route_ = std::move(route);
  sink_splices_ = true;
}

void Channel::drain() {
  turn(kDrainBytes, Look::UntilEmpty);
  if (!at_end_) finish_rest();
}

void Channel::turn(std::size_t budget, Look look) {
  while (budget > 0 && !at_end_) {
    const std::size_t moved = move(std::min(budget, kPeekBytes));
    if (moved == 0) return notice_end();
    // Likely all there was: the loop says when there is more, or when it was the end, and a look costs as much.
    if (moved < kFewBytes && !spool_ && look == Look::WhileMuch) return;
    budget -= std::min(budget, moved);
  }
  if (spool_) continue_soon();  // nothing else wakes us: a memfd cannot be watched
}

void Channel::continue_soon() {
  if (std::exchange(will_continue_, true)) return;
  if (!alive_) alive_ = std::make_shared<bool>(true);
  loop_.defer([this, alive = std::weak_ptr<const bool>{alive_}] {
    if (alive.expired()) return;
    will_continue_ = false;
    turn(kTurnBytes, Look::WhileMuch);
  });
}

// epoll's own word may be older than our last read, so ask again. A pipe that has lost its last writer cannot get
// another.
void Channel::notice_end() {
  pollfd state{pipe_.get(), POLLIN, 0};
  const bool known = ::poll(&state, 1, 0) >= 0;
  const bool has_bytes = known && (state.revents & POLLIN);
  if (!known || !(state.revents & (POLLHUP | POLLERR))) return rest(has_bytes && refused_);
  if (has_bytes && !route_.reader) return;  // they came after our look
  while (route_.reader && show_pipe(true) > 0) {
  }
  finish_rest();
  at_end_ = true;
  watch_.reset();
  if (route_.ended) route_.ended();
}

// Watches for edges while the pipe holds nothing but what the reader has seen, else for bytes.
void Channel::rest(bool resting) {
  if (resting == resting_ || !watch_) return;
  resting_ = resting;
  watch_.set_interest(resting ? EPOLLIN | EPOLLET : EPOLLIN);  // if more has come meanwhile, either tells us at once
}

// Nothing will follow: the reader gets what it has not accepted.
void Channel::finish_rest() {
  if (route_.reader) (void)show_pipe(true);
  if (rest_.empty()) return;
  (void)deliver(std::exchange(rest_, {}), true);
  if (spool_) finish_spool();
}

std::size_t Channel::move(std::size_t most) {
  if (spool_) {
    if (const std::size_t moved = move_from_spool(most)) return moved;
    if (rest_.empty()) finish_spool();
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
    // A reader that accepts nothing must have seen all there is: what it sees next comes from the pipe.
    got = ::pread(spool_.get(), buffer.data(), route_.reader ? buffer.size() : std::min(most, buffer.size()), position);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return 0;
  const std::string_view bytes{buffer.data(), static_cast<std::size_t>(got)};
  const std::size_t accepted = deliver(bytes, false);
  (void)::lseek(spool_.get(), position + static_cast<off_t>(accepted), SEEK_SET);  // within the file: cannot fail
  if (accepted == 0) rest_ = bytes;
  return accepted;
}

void Channel::finish_spool() {
  (void)::ftruncate(spool_.get(), 0);  // on a memfd neither can fail
  (void)::lseek(spool_.get(), 0, SEEK_SET);
  spool_.reset();
}

std::size_t Channel::move_from_pipe(std::size_t most) {
  if (route_.reader) {
    const std::size_t moved = show_pipe(false);
    if (moved > 0) rest(false);
    return moved;
  }
  if (!route_.sink) {
    const std::size_t gone = tee_.discard(pipe_.get(), most);
    bytes_ += gone;
    return gone;
  }
  if (may_splice()) {
    if (const auto moved = route_.sink->splice_from(pipe_.get(), most)) {
      bytes_ += *moved;
      return *moved;
    }
    sink_splices_ = false;
  }
  const auto seen = tee_.peek(pipe_.get());
  if (!seen || seen->empty()) return 0;
  const std::size_t accepted = deliver(*seen, false);
  tee_.consume(pipe_.get(), accepted);
  return accepted;
}

// Shows the reader what it did not accept last time and what the pipe has. Returns how many of these bytes it accepted.
std::size_t Channel::show_pipe(bool at_end) {
  const auto seen = tee_.peek(pipe_.get());
  if (!seen || seen->empty()) return 0;
  const std::string joined = rest_.empty() ? std::string{} : rest_ + std::string{*seen};
  const std::string_view shown = rest_.empty() ? *seen : std::string_view{joined};
  const std::size_t in_pipe = seen->size();
  // With a whole pipe full of bytes there may be more behind them.
  const std::size_t accepted = deliver(shown, at_end && in_pipe < kPeekBytes);
  const std::size_t from_rest = std::min(accepted, rest_.size());
  rest_.erase(0, from_rest);
  if (spool_ && from_rest > 0) {
    (void)::lseek(spool_.get(), static_cast<off_t>(from_rest), SEEK_CUR);
    if (rest_.empty()) finish_spool();
  }
  tee_.consume(pipe_.get(), accepted - from_rest);
  refused_ = accepted == 0;
  if (accepted == 0 && (!tee_.tells_of_every_write() || in_pipe > rest_bytes_max_)) {
    rest_ = shown;
    if (spool_) finish_spool();
    tee_.consume(pipe_.get(), in_pipe);
  }
  return accepted;
}

std::size_t Channel::deliver(std::string_view bytes, bool at_end) {
  std::size_t accepted = bytes.size();
  if (route_.reader) {
    accepted = route_.reader(bytes, at_end);
  } else if (route_.sink) {
    route_.sink->write(bytes);
  }
  bytes_ += accepted;
  copied_ += accepted;
  return accepted;
}

}  // namespace upkeep::logs
