#include "events/pool.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/overloaded.h"

namespace upkeep::events {
namespace {

void remark(std::vector<Remark>& remarks, LogLevel level, std::string text) {
  remarks.push_back({level, std::move(text)});
}

void remark_change(std::vector<Remark>& remarks, const std::string& listener, const StateChanged& change) {
  remark(remarks, LogLevel::Debug, fmt::format("{}: {} -> {}", listener, name_of(change.from), name_of(change.to)));
  if (change.to == ListenerState::Unknown) {
    remark(remarks, LogLevel::Warn,
           fmt::format("{}: has entered the UNKNOWN state and will no longer receive events, this usually indicates "
                       "the process violated the eventlistener protocol",
                       listener));
  }
}

}  // namespace

std::vector<Remark> Pool::apply(const Command& command) {
  std::vector<Remark> remarks;
  std::visit(Overloaded{[&](const Publish& c) { publish(c.event, remarks); },
                        [&](const Give& c) { give(c.listener, remarks); },
                        [&](const Hear& c) { hear(c.listener, c.bytes, remarks); },
                        [&](const Gone& c) { gone(c.listener, remarks); }},
             command);
  return remarks;
}

ListenerState Pool::state(const std::string& listener) const {
  const auto found = members_.find(listener);
  return found == members_.end() ? ListenerState::Acknowledged : found->second.listener.state();
}

const Pending* Pool::given(const std::string& listener) const {
  const auto found = members_.find(listener);
  return found == members_.end() || !found->second.given ? nullptr : &*found->second.given;
}

std::string_view Pool::unheard(const std::string& listener, std::string_view bytes) const {
  const auto found = members_.find(listener);
  if (found == members_.end() || !bytes.starts_with(found->second.last_heard)) return bytes;
  return bytes.substr(found->second.last_heard.size());
}

void Pool::publish(const Event& event, std::vector<Remark>& remarks) {
  next_event_serial_ = std::max(next_event_serial_, event.serial + 1);
  make_room(remarks);
  queue_.push_back({next_pool_serial_++, event});
}

void Pool::give(const std::string& name, std::vector<Remark>& remarks) {
  Member& member = members_[name];
  if (queue_.empty() || member.listener.state() != ListenerState::Ready) return;
  member.given = std::move(queue_.front());
  queue_.pop_front();
  member.last_heard.clear();
  remark_change(remarks, name, member.listener.give());
  remark(remarks, LogLevel::Debug, fmt::format("event {} sent to listener {}", member.given->event.serial, name));
}

void Pool::hear(const std::string& name, const std::string& bytes, std::vector<Remark>& remarks) {
  Member& member = members_[name];
  if (member.listener.state() == ListenerState::Unknown) return;
  member.last_heard = bytes;
  for (const Outcome& outcome : member.listener.hear(bytes)) {
    std::visit(Overloaded{[&](const StateChanged& change) {
                            remark_change(remarks, name, change);
                            if (change.to != ListenerState::Ready) put_back(member, remarks);
                          },
                          [&](const Answered& answer) {
                            if (answer.accepted || settings_.any_result_accepts) {
                              member.given.reset();
                              remark(remarks, LogLevel::Debug, fmt::format("{}: event was processed", name));
                            } else {
                              remark(remarks, LogLevel::Warn, fmt::format("{}: event was rejected", name));
                            }
                          },
                          [&](const BadResultLine& bad) {
                            remark(remarks, LogLevel::Warn, fmt::format("{}: bad result line: '{}'", name, bad.line));
                          }},
               outcome);
  }
}

void Pool::gone(const std::string& name, std::vector<Remark>& remarks) {
  const auto found = members_.find(name);
  if (found == members_.end()) return;
  put_back(found->second, remarks);
  members_.erase(found);
}

void Pool::put_back(Member& member, std::vector<Remark>& remarks) {
  if (!member.given) return;
  remark(remarks, LogLevel::Debug,
         fmt::format("rebuffering event {} for pool {} (buf size={}, max={})", member.given->event.serial, name_,
                     queue_.size(), settings_.capacity));
  make_room(remarks);
  queue_.push_front(*std::exchange(member.given, std::nullopt));
}

void Pool::make_room(std::vector<Remark>& remarks) {
  while (!queue_.empty() && queue_.size() >= settings_.capacity) {
    remark(remarks, LogLevel::Error,
           fmt::format("pool {} event buffer overflowed, discarding event {}", name_, queue_.front().event.serial));
    queue_.pop_front();
  }
}

}  // namespace upkeep::events
