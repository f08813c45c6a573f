#include "events/event.h"

#include <fmt/core.h>

#include <algorithm>

namespace upkeep::events {
namespace {

// A payload is UTF-8, in which every character has one byte that is not a continuation.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

}  // namespace

std::string frame(const Event& event, const Address& address) {
  return fmt::format("ver:3.0 server:{} serial:{} pool:{} poolserial:{} eventname:{} len:{}\n{}", address.server,
                     event.serial, address.pool, address.pool_serial, core::name_of(event.type),
                     characters(event.payload), event.payload);
}

}  // namespace upkeep::events
