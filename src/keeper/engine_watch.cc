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
  if (status.kind == ExitStatus::Kind::Unknown) return;  // it could not even be started: no processes, no descriptors
  last_end_ = status.describe();
  if (now - *last_start_ >= kHealthyAfter) loop_failures_ = 0;
  if (status == ExitStatus{ExitStatus::Kind::Signalled, SIGKILL, false}) return;
  failures_.push_back(now);
  while (failures_.size() > kFailuresUntilFactsOnly) failures_.pop_front();
  if (loop_failures_ > 0 || has_failed_in_a_row(now)) ++loop_failures_;
}

void EngineWatch::resume(unsigned starts, bool runs, Instant now) {
  if (runs) started(now);
  starts_ = starts;
}

void EngineWatch::left(Instant now) {
  running_ = false;
  ended_at_ = now;
  last_start_ = Instant{};
  if (!unready_since_) unready_since_ = now;
  last_end_ = "it left for another image";
}

std::optional<Instant> EngineWatch::start_at() const {
  if (running_) return std::nullopt;
  if (!last_start_) return Instant{};
  return std::max(*ended_at_, *last_start_ + pause());
}

// Whoever asked for the end shall not wait for it.
Duration EngineWatch::pause() const {
  Duration pause = kEngineStartInterval;
  for (int i = 1; i < loop_failures_ && pause < kEngineStartPauseMax && !is_stop_asked(); ++i) pause *= 2;
  return std::min(pause, kEngineStartPauseMax);
}

std::optional<Instant> EngineWatch::claims_end_at() const {
  if (!unready_since_ || *unready_since_ == Instant::max()) return std::nullopt;
  return *unready_since_ + kClaimPatience;
}

bool EngineWatch::has_failed_in_a_row(Instant now) const {
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
