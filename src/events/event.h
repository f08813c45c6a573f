// One event, and the bytes by which a listener learns of it (Supervisor events.py, options.py).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/event_type.h"

namespace upkeep::events {

struct Event {
  core::EventType type{};
  std::uint64_t serial = 0;  // one count for the whole daemon, from 0; events that nobody wants take no number
  std::string payload;       // UTF-8, from payload.h
  bool operator==(const Event&) const = default;
};

// Whom a frame is for.
struct Address {
  std::string_view server;  // the daemon's identifier
  std::string_view pool;
  std::uint64_t pool_serial = 0;  // a count of the pool's own, from 0; kept when an event is sent again
};

// "ver:3.0 server:S serial:N pool:P poolserial:N eventname:E len:N\n" and the payload, nothing after it. The length
// counts Unicode characters, not bytes, as listeners on Supervisor's own childutils expect.
std::string frame(const Event& event, const Address& address);

}  // namespace upkeep::events
