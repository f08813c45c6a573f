#include "events/journal.h"

#include <utility>

#include "base/bytes.h"
#include "base/overloaded.h"

namespace upkeep::events {
namespace {

constexpr std::uint8_t kVersion = 1;

std::string record(ByteWriter body) {
  ByteWriter out;
  out.text(body.bytes());
  return out.take();
}

void write_event(ByteWriter& out, const Event& event) {
  out.number(static_cast<std::uint8_t>(event.type));
  out.number(event.serial);
  out.text(event.payload);
}

std::optional<Event> read_event(ByteReader& in) {
  Event event;
  const auto type = in.number<std::uint8_t>();
  event.type = static_cast<core::EventType>(type);
  event.serial = in.number<std::uint64_t>();
  event.payload = in.text();
  if (!in.ok() || type >= core::kEventTypes) return std::nullopt;
  return event;
}

void write_pending(ByteWriter& out, const Pending& pending) {
  out.number(pending.pool_serial);
  write_event(out, pending.event);
}

std::optional<Pending> read_pending(ByteReader& in) {
  const auto pool_serial = in.number<std::uint64_t>();
  auto event = read_event(in);
  if (!event) return std::nullopt;
  return Pending{pool_serial, std::move(*event)};
}

std::optional<Command> read_command(ByteReader& in) {
  std::optional<Command> command;
  switch (in.number<std::uint8_t>()) {
    case 0:
      if (auto event = read_event(in)) command = Publish{std::move(*event)};
      break;
    case 1: command = Give{in.text()}; break;
    case 2: {
      std::string listener = in.text();
      command = Hear{std::move(listener), in.text()};
      break;
    }
    case 3: command = Gone{in.text()}; break;
    default: break;
  }
  if (!in.at_end()) return std::nullopt;
  return command;
}

}  // namespace

class ListenerRecord {
 public:
  static void write(ByteWriter& out, const Listener& listener) {
    out.number(static_cast<std::uint8_t>(listener.state_));
    out.text(listener.input_);
    out.number(listener.expected_.has_value());
    if (listener.expected_) out.number(static_cast<std::uint64_t>(*listener.expected_));
  }
  static std::optional<Listener> read(ByteReader& in) {
    Listener listener;
    const auto state = in.number<std::uint8_t>();
    listener.state_ = static_cast<ListenerState>(state);
    listener.input_ = in.text();
    if (in.number<bool>()) listener.expected_ = in.number<std::uint64_t>();
    if (!in.ok() || state > static_cast<std::uint8_t>(ListenerState::Unknown) || listener.expected_ > kResultBytesMax)
      return std::nullopt;
    return listener;
  }
};

class PoolRecord {
 public:
  static void write(ByteWriter& out, const Pool& pool) {
    out.number(kVersion);
    out.number(pool.next_pool_serial_);
    out.number(pool.next_event_serial_);
    out.number(static_cast<std::uint32_t>(pool.queue_.size()));
    for (const Pending& pending : pool.queue_) write_pending(out, pending);
    out.number(static_cast<std::uint32_t>(pool.members_.size()));
    for (const auto& [name, member] : pool.members_) {
      out.text(name);
      ListenerRecord::write(out, member.listener);
      out.number(member.given.has_value());
      if (member.given) write_pending(out, *member.given);
      out.text(member.last_heard);
    }
  }

  static bool read(ByteReader& in, Pool& pool) {
    if (in.number<std::uint8_t>() != kVersion) return false;
    pool.next_pool_serial_ = in.number<std::uint64_t>();
    pool.next_event_serial_ = in.number<std::uint64_t>();
    for (auto left = in.number<std::uint32_t>(); left > 0 && in.ok(); --left) {
      auto pending = read_pending(in);
      if (!pending) return false;
      pool.queue_.push_back(std::move(*pending));
    }
    for (auto left = in.number<std::uint32_t>(); left > 0 && in.ok(); --left) {
      std::string name = in.text();
      auto listener = ListenerRecord::read(in);
      if (!listener) return false;
      Pool::Member member;
      member.listener = std::move(*listener);
      if (in.number<bool>() && !(member.given = read_pending(in))) return false;
      member.last_heard = in.text();
      pool.members_.insert_or_assign(std::move(name), std::move(member));
    }
    return in.at_end();
  }
};

std::string encode_image(const Pool& pool) {
  ByteWriter body;
  PoolRecord::write(body, pool);
  return record(std::move(body));
}

std::string encode_command(const Command& command) {
  ByteWriter body;
  body.number(static_cast<std::uint8_t>(command.index()));
  std::visit(
      Overloaded{[&](const Publish& c) { write_event(body, c.event); }, [&](const Give& c) { body.text(c.listener); },
                 [&](const Hear& c) {
                   body.text(c.listener);
                   body.text(c.bytes);
                 },
                 [&](const Gone& c) { body.text(c.listener); }},
      command);
  return record(std::move(body));
}

Result<Pool> replay(std::string_view journal, std::string name, PoolSettings settings) {
  ByteReader records{journal};
  const std::string image = records.text();
  ByteReader in{image};
  Pool pool{std::move(name), settings};
  if (!records.ok() || !PoolRecord::read(in, pool)) return Error{"the journal of the event pool cannot be read"};
  while (!records.at_end()) {
    const std::string bytes = records.text();
    if (!records.ok()) break;  // its writer was killed
    ByteReader body{bytes};
    const auto command = read_command(body);
    if (!command) break;
    (void)pool.apply(*command);
  }
  return pool;
}

}  // namespace upkeep::events
