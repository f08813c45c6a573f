#include "events/listener.h"

#include <utility>

#include "base/text.h"

namespace upkeep::events {
namespace {

constexpr std::string_view kReady = "READY\n";
constexpr std::size_t kResultTokenBytes = 7;  // "RESULT ", which the original does not look at either
constexpr std::string_view kAccepted = "OK";

std::optional<std::size_t> result_length(std::string_view line) {
  if (line.size() < kResultTokenBytes) return std::nullopt;
  const auto length = parse_number(trim(line.substr(kResultTokenBytes)));
  if (!length || *length < 0 || static_cast<std::size_t>(*length) > kResultBytesMax) return std::nullopt;
  return static_cast<std::size_t>(*length);
}

}  // namespace

std::string_view name_of(ListenerState state) {
  switch (state) {
    case ListenerState::Acknowledged: return "ACKNOWLEDGED";
    case ListenerState::Ready: return "READY";
    case ListenerState::Busy: return "BUSY";
    case ListenerState::Unknown: break;
  }
  return "UNKNOWN";
}

StateChanged Listener::give() { return {std::exchange(state_, ListenerState::Busy), ListenerState::Busy}; }

std::vector<Outcome> Listener::hear(std::string_view bytes) {
  std::vector<Outcome> outcomes;
  if (state_ == ListenerState::Unknown) return outcomes;
  input_ += bytes;
  while (!input_.empty() || expected_ == 0) {
    if (!advance(outcomes)) break;
  }
  return outcomes;
}

bool Listener::advance(std::vector<Outcome>& outcomes) {
  switch (state_) {
    case ListenerState::Acknowledged:
      if (input_.size() < kReady.size()) return false;
      if (!input_.starts_with(kReady)) break;
      input_.erase(0, kReady.size());
      become(ListenerState::Ready, outcomes);
      return true;
    case ListenerState::Busy: return advance_busy(outcomes);
    case ListenerState::Ready:  // it has not been asked anything
    case ListenerState::Unknown: break;
  }
  become(ListenerState::Unknown, outcomes);
  return false;
}

bool Listener::advance_busy(std::vector<Outcome>& outcomes) {
  if (!expected_) {
    const auto end = input_.find('\n');
    if (end == std::string::npos && input_.size() <= kResultBytesMax) return false;
    const std::string line = input_.substr(0, end);
    input_.erase(0, end == std::string::npos ? end : end + 1);
    expected_ = result_length(line);
    if (!expected_) {
      outcomes.emplace_back(BadResultLine{line.substr(0, kResultBytesMax)});
      become(ListenerState::Unknown, outcomes);
      return false;
    }
  }
  if (input_.size() < *expected_) return false;
  const bool accepted = std::string_view{input_}.substr(0, *expected_) == kAccepted;
  input_.erase(0, *expected_);
  expected_.reset();
  outcomes.emplace_back(Answered{accepted});
  become(ListenerState::Acknowledged, outcomes);
  return true;
}

void Listener::become(ListenerState state, std::vector<Outcome>& outcomes) {
  outcomes.emplace_back(StateChanged{std::exchange(state_, state), state});
  if (state != ListenerState::Unknown) return;
  input_.clear();
  expected_.reset();
}

}  // namespace upkeep::events
