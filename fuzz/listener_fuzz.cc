// What an event listener says. However it comes in pieces (the first byte of the input is their size), the outcomes
// must be the same; each must begin where the one before ended, and after UNKNOWN nothing may follow.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>
#include <vector>

#include "events/listener.h"

using namespace upkeep::events;

namespace {

constexpr std::string_view kReady = "READY\n";

void check_chain(ListenerState state, const std::vector<Outcome>& outcomes) {
  for (const Outcome& outcome : outcomes) {
    if (state == ListenerState::Unknown) std::abort();
    if (const auto* change = std::get_if<StateChanged>(&outcome)) {
      if (change->from != state) std::abort();
      state = change->to;
    } else if (state != ListenerState::Busy) {
      std::abort();  // only who has an event can answer
    }
  }
}

void hear_both_ways(const Listener& listener, std::string_view bytes, std::size_t piece) {
  Listener at_once = listener, in_pieces = listener;
  const auto outcomes = at_once.hear(bytes);
  check_chain(listener.state(), outcomes);
  std::vector<Outcome> collected;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    for (Outcome& outcome : in_pieces.hear(bytes.substr(at, piece))) collected.push_back(std::move(outcome));
  if (collected != outcomes || in_pieces != at_once) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  Listener listener;
  hear_both_ways(listener, bytes, data[0] + 1U);
  (void)listener.hear(kReady);
  (void)listener.give();
  hear_both_ways(listener, bytes, data[0] + 1U);
  return 0;
}
