#include "keeper/engine_watch.h"

#include <algorithm>
#include <csignal>

namespace upkeep::keeper {

void EngineWatch::started(Instant now) {
  running_ = true;
  ++starts_;
  last_start_ = now;
  unanswered_since_.reset();
  stopped_since_.reset();
  abort_sent_.reset();
  end_by_.reset();
}

void EngineWatch::ended(const ExitStatus& status, Instant now) {
  running_ = false;
  ended_at_ = now;
  if (!unready_since_) unready_since_ = now;
  ++ends_;
  last_end_ = status.describe();
  if (status != ExitStatus{ExitStatus::Kind::Signalled, SIGKILL, false}) failures_.push_back(now);
  while (failures_.size() > kFailuresUntilFactsOnly) failures_.pop_front();
}

std::optional<Instant> EngineWatch::start_at() const {
  if (running_) return std::nullopt;
  if (!last_start_) return Instant{};
  return std::max(*ended_at_, *last_start_ + kEngineStartInterval);
}

std::optional<Instant> EngineWatch::claims_end_at() const {
  if (!unready_since_ || *unready_since_ == Instant::max()) return std::nullopt;
  return *unready_since_ + kClaimPatience;
}

bool EngineWatch::facts_only(Instant now) const {
  return failures_.size() == kFailuresUntilFactsOnly && now - failures_.front() <= kFailureWindow;
}

void EngineWatch::answer_expected(bool unanswered, Instant now) {
  if (!unanswered) unanswered_since_.reset();
  if (unanswered && !unanswered_since_) unanswered_since_ = now;
}

std::optional<Instant> EngineWatch::end_at() const {
  if (!running_) return std::nullopt;
  if (end_by_) return end_by_;
  if (abort_sent_) return *abort_sent_ + kEndPatience;
  if (stopped_since_) return *stopped_since_ + kStoppedLimit;
  if (unanswered_since_) return *unanswered_since_ + kAnswerLimit;
  return std::nullopt;
}

int EngineWatch::end_signal(Instant now) {
  const bool with_force = abort_sent_.has_value() || end_by_.has_value();
  abort_sent_ = now;
  end_by_.reset();
  return with_force ? SIGKILL : SIGABRT;
}

}  // namespace upkeep::keeper
