#include "engine/event_bus.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "engine/process_info.h"
#include "events/journal.h"
#include "events/payload.h"
#include "os/file.h"

namespace upkeep::engine {

using core::EventType;

EventBus::EventBus(os::Loop& loop, logs::ActivityLog& log, Deposits& deposits, std::function<std::string()> identifier,
                   WallClock wall_clock)
    : loop_(loop),
      log_(log),
      deposits_(deposits),
      identifier_(std::move(identifier)),
      wall_clock_(std::move(wall_clock)),
      tickers_{{{EventType::Tick5, 5, {}}, {EventType::Tick60, 60, {}}, {EventType::Tick3600, 3600, {}}}} {
  loop_.add_clockwork(*this);
}

EventBus::~EventBus() { loop_.remove_clockwork(*this); }

// --- pools

EventBus::Room* EventBus::find(const std::string& pool) {
  const auto found = std::find_if(rooms_.begin(), rooms_.end(), [&](const Room& r) { return r.pool.name() == pool; });
  return found == rooms_.end() ? nullptr : &*found;
}

void EventBus::add_pool(const std::string& name, const config::EventSubscription& subscription,
                        std::vector<ListenerSeat> seats, bool fresh) {
  const events::PoolSettings settings{static_cast<std::size_t>(subscription.buffer_size),
                                      subscription.result_handler != config::kDefaultResultHandler};
  Room& room = rooms_.emplace_back(events::Pool{name, settings});
  room.types = subscription.types;
  room.seats = std::move(seats);
  if (!fresh) recall(room);
  next_serial_ = std::max(next_serial_, room.pool.next_event_serial());
  begin_journal(room);
  wind_tickers();
}

void EventBus::recall(Room& room) {
  const Fd journal = deposits_.take(deposit_of(room));
  if (!journal || ::lseek(journal.get(), 0, SEEK_SET) != 0) return;
  const auto bytes = os::read_all(journal.get(), std::size_t{1} << 30);
  auto pool =
      bytes ? events::replay(*bytes, room.pool.name(), room.pool.settings()) : Result<events::Pool>{bytes.error()};
  if (!pool) {
    log_.line(LogLevel::Critical,
              fmt::format("events that waited in pool {} are lost: {}", room.pool.name(), pool.error().text));
    return;
  }
  room.pool = std::move(*pool);
  for (const ListenerSeat& seat : room.seats) room.to_compare.insert(seat.process);
}

void EventBus::remove_pool(const std::string& name) {
  Room* room = find(name);
  if (!room) return;
  deposits_.discard(deposit_of(*room));
  rooms_.remove_if([&](const Room& r) { return &r == room; });
  wind_tickers();
}

void EventBus::resume() {
  for (Room& room : rooms_) {
    for (const ListenerSeat& seat : room.seats) {
      if (!seat.input->is_open()) {
        gone(room.pool.name(), seat.process);
      } else if (room.pool.given(seat.process)) {
        (void)send(room, seat);
      }
    }
  }
  offer();
}

// --- events

bool EventBus::wants(EventType type) const {
  return std::any_of(rooms_.begin(), rooms_.end(), [&](const Room& room) {
    return std::any_of(room.types.begin(), room.types.end(),
                       [&](const std::string& name) { return core::covers(name, type); });
  });
}

void EventBus::publish(EventType type, const std::string& payload) {
  std::optional<events::Event> event;
  for (Room& room : rooms_) {
    const bool wanted = std::any_of(room.types.begin(), room.types.end(),
                                    [&](const std::string& name) { return core::covers(name, type); });
    if (!wanted) continue;
    if (!event) event = events::Event{type, next_serial_++, payload};
    apply(room, events::Publish{*event});
  }
  if (event) offer();
}

void EventBus::hear(const std::string& pool, const std::string& process, std::string_view bytes) {
  Room* room = find(pool);
  if (!room) return;
  if (room->to_compare.erase(process) > 0) bytes = room->pool.unheard(process, bytes);
  if (bytes.empty() || room->pool.state(process) == events::ListenerState::Unknown) return;
  const events::Pending* given = room->pool.given(process);
  const auto had = given ? std::optional{given->pool_serial} : std::nullopt;
  apply(*room, events::Hear{process, std::string{bytes}});
  const auto& queue = room->pool.queue();
  if (had && !queue.empty() && queue.front().pool_serial == *had) room->paused_until = loop_.now() + kRejectionPause;
  offer();
}

void EventBus::gone(const std::string& pool, const std::string& process) {
  Room* room = find(pool);
  if (!room) return;
  room->to_compare.erase(process);
  apply(*room, events::Gone{process});
  offer();
}

// Once the present turn is over: what a listener said is out of its pipe by then, which a journal that tells of its
// next event implies.
void EventBus::offer() {
  if (std::exchange(will_offer_, true)) return;
  loop_.defer([this, alive = std::weak_ptr<const bool>{alive_}] {
    if (alive.expired()) return;
    will_offer_ = false;
    offer_now();
  });
}

void EventBus::offer_now() {
  for (Room& room : rooms_)
    if (!room.paused_until) offer_to(room);
}

void EventBus::offer_to(Room& room) {
  while (!room.pool.queue().empty()) {
    const auto seat = std::find_if(room.seats.begin(), room.seats.end(), [&](const ListenerSeat& s) {
      return s.input->is_open() && room.pool.state(s.process) == events::ListenerState::Ready && s.is_running();
    });
    if (seat == room.seats.end()) return;
    apply(room, events::Give{seat->process});
    if (send(room, *seat)) continue;
    const std::uint64_t serial = room.pool.given(seat->process)->event.serial;
    log_.line(LogLevel::Debug,
              fmt::format("epipe occurred while sending event {} to listener {}, listener state unchanged", serial,
                          seat->process));
    apply(room, events::Gone{seat->process});
  }
}

bool EventBus::send(Room& room, const ListenerSeat& seat) {
  const events::Pending& pending = *room.pool.given(seat.process);
  const std::string server = identifier_();
  return seat.input->ensure(events::frame(pending.event, {server, room.pool.name(), pending.pool_serial})).has_value();
}

// --- the journal

void EventBus::apply(Room& room, const events::Command& command) {
  record(room, events::encode_command(command));
  for (const events::Remark& remark : room.pool.apply(command)) log_.line(remark.level, remark.text);
  if (room.journal_size > room.journal_limit) begin_journal(room);
}

void EventBus::record(Room& room, const std::string& bytes) {
  if (!room.journal) return;
  const ssize_t put = ::pwrite(room.journal.get(), bytes.data(), bytes.size(), static_cast<off_t>(room.journal_size));
  if (put == static_cast<ssize_t>(bytes.size())) {
    room.journal_size += bytes.size();
  } else {
    log_.line(LogLevel::Critical, fmt::format("events of pool {} would not survive a crash of the engine: {}",
                                              room.pool.name(), Error::from_errno("write its journal").text));
    room.journal.reset();
    deposits_.discard(deposit_of(room));
  }
}

void EventBus::begin_journal(Room& room) {
  const std::string image = events::encode_image(room.pool);
  auto memfd = os::make_memfd("upkeep-events", image, os::Sealing::Open);
  if (!memfd) return;
  room.journal = std::move(*memfd);
  room.journal_size = image.size();
  room.journal_limit = std::max(kJournalBytesMax, 2 * image.size());
  deposits_.deposit(deposit_of(room), room.journal);
}

// --- the clock

std::int64_t EventBus::seconds() const { return seconds_of(wall_clock_()); }

void EventBus::wind_tickers() {
  for (Ticker& ticker : tickers_) {
    if (!wants(ticker.type)) {
      ticker.last.reset();
    } else if (!ticker.last) {
      ticker.last = seconds() / ticker.period * ticker.period;
    }
  }
}

std::optional<Instant> EventBus::next_deadline() const {
  std::optional<Instant> next;
  const auto consider = [&](Instant when) {
    if (!next || when < *next) next = when;
  };
  for (const Room& room : rooms_)
    if (room.paused_until) consider(*room.paused_until);
  for (const Ticker& ticker : tickers_) {
    if (!ticker.last) continue;
    const WallTime due{std::chrono::seconds{*ticker.last + ticker.period}};
    consider(loop_.now() + std::max(Duration{0}, std::chrono::duration_cast<Duration>(due - wall_clock_())));
  }
  return next;
}

void EventBus::on_time(Instant now) {
  for (Room& room : rooms_) {
    if (!room.paused_until || *room.paused_until > now) continue;
    room.paused_until.reset();
    offer();
  }
  for (Ticker& ticker : tickers_) {
    const std::int64_t when = seconds() / ticker.period * ticker.period;
    if (!ticker.last || *ticker.last == when) continue;
    ticker.last = when;
    publish(ticker.type, events::tick_payload(when));
  }
}

}  // namespace upkeep::engine
