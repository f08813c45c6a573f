// What a listener says on its standard output (Supervisor dispatchers.py, PEventListenerDispatcher): "READY\n" when it
// wants an event, "RESULT 2\nOK" once it has dealt with one. Pure: bytes in, outcomes out.
//
// Anything else is a violation and makes the listener UNKNOWN, for good: what it says from then on is ignored, until
// its process is started anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace upkeep::events {

enum class ListenerState : std::uint8_t { Acknowledged, Ready, Busy, Unknown };
std::string_view name_of(ListenerState state);  // "ACKNOWLEDGED"

// No result, and no line that announces one, is longer: a listener must not fill our memory. Supervisor has no limit.
inline constexpr std::size_t kResultBytesMax = 1u << 20;

struct StateChanged {
  ListenerState from, to;
  bool operator==(const StateChanged&) const = default;
};
struct Answered {  // the event it had; accepted: the result was "OK"
  bool accepted = false;
  bool operator==(const Answered&) const = default;
};
struct BadResultLine {  // the event it had was not dealt with
  std::string line;
  bool operator==(const BadResultLine&) const = default;
};
using Outcome = std::variant<StateChanged, Answered, BadResultLine>;

class Listener {
 public:
  ListenerState state() const { return state_; }
  // It got an event; it must be Ready.
  StateChanged give();
  // In the order in which they happened.
  std::vector<Outcome> hear(std::string_view bytes);

  bool operator==(const Listener&) const = default;

 private:
  friend class ListenerRecord;

  bool advance(std::vector<Outcome>& outcomes);  // false: more bytes are needed
  bool advance_busy(std::vector<Outcome>& outcomes);
  void become(ListenerState state, std::vector<Outcome>& outcomes);

  ListenerState state_ = ListenerState::Acknowledged;
  std::string input_;                    // heard, not understood yet
  std::optional<std::size_t> expected_;  // bytes of the result, once its length is known
};

}  // namespace upkeep::events
