// The part of the keeper that holds and lends channels.
#include <sys/epoll.h>

#include <algorithm>

#include "keeper/keeper.h"

namespace upkeep::keeper {

void Keeper::hold_all() {
  spooled_ = 0;
  for (auto& [slot, channels] : channels_)
    for (Channel& channel : channels) {
      if (channel.which == Stdio::In) continue;
      spooled_ += channel.settle_spool();
      if (!channel.watch && !channel.ended) watch_held(slot, channel);
    }
}

void Keeper::watch_held(const std::string& slot, Channel& channel) {
  channel.watch = next_key_++;
  held_[channel.watch] = {slot, channel.which};
  watch_fd(channel.pipe.get(), Kind::Channel, channel.watch, EPOLLIN);
}

void Keeper::unwatch(Channel& channel) {
  if (!channel.watch) return;
  unwatch_fd(channel.pipe.get());
  held_.erase(channel.watch);
  channel.watch = 0;
}

void Keeper::held_readable(std::uint64_t id) {
  const auto found = held_.find(id);
  if (found == held_.end()) return;
  auto& channels = channels_.at(found->second.first);
  Channel& channel = *std::find_if(channels.begin(), channels.end(),
                                   [&](const Channel& c) { return c.which == found->second.second; });
  const std::int64_t room = std::min(kSpoolBytesMax - channel.settle_spool(), kSpoolBytesMaxAll - spooled_);
  const bool patience_over = channel.full_since && now_ - *channel.full_since >= kFullPatience;
  if ((room <= 0 || !channel.has_spool()) && !patience_over) {  // like a full pipe, for a while
    if (!channel.full_since) channel.full_since = now_;
    return unwatch(channel);
  }
  spooled_ += channel.hold(room, patience_over);
  if (channel.ended) unwatch(channel);
}

std::vector<wire::ChannelState> Keeper::lend(const std::string& slot, std::vector<int>& fds) {
  std::vector<wire::ChannelState> states;
  const auto found = channels_.find(slot);
  if (found == channels_.end()) return states;
  for (Channel& channel : found->second) {
    unwatch(channel);
    channel.full_since.reset();
    channel.ended = false;  // the engine sees the end for itself
    wire::ChannelState state;
    state.which = channel.which;
    state.spooled = static_cast<std::uint64_t>(channel.settle_spool());
    if (state.spooled == 0) channel.spool.reset();  // or each channel would come to have one, and cost a descriptor
    state.dropped = std::exchange(channel.dropped, 0);
    state.has_spool = bool{channel.spool};
    fds.push_back(channel.pipe.get());
    if (channel.spool) fds.push_back(channel.spool.get());
    states.push_back(state);
  }
  return states;
}

void Keeper::drop_channels(const std::string& slot) {
  const auto found = channels_.find(slot);
  if (found == channels_.end()) return;
  for (Channel& channel : found->second) unwatch(channel);
  channels_.erase(found);
}

}  // namespace upkeep::keeper
