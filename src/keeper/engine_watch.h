// When to start an engine, when to give up on one that does not answer: pure decisions over time.
//
// Restarts are immediate, but at most one a second. After three failures within ten seconds this is a crash loop: the
// next engines are told to start from facts alone, so that a poisoned note cannot keep it up, and the pause before each
// further one doubles, to at most what clients wait for an answer. An engine that lives for a minute ends the loop. An
// engine ended by SIGKILL is not a failure in this sense: somebody wished it, and states must survive that.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "base/exit_status.h"
#include "base/time.h"

namespace upkeep::keeper {

inline constexpr Duration kEngineStartInterval{std::chrono::seconds{1}};
inline constexpr Duration kEngineStartPauseMax{std::chrono::seconds{10}};  // in a crash loop
inline constexpr Duration kHealthyAfter{std::chrono::seconds{60}};         // of life: the loop is over
inline constexpr Duration kFailureWindow{std::chrono::seconds{10}};
inline constexpr std::size_t kFailuresUntilFactsOnly = 3;
inline constexpr Duration kAnswerLimit{std::chrono::seconds{20}};   // something is unanswered and no answer came
inline constexpr Duration kStoppedLimit{std::chrono::seconds{10}};  // an engine stopped by SIGSTOP while we run
inline constexpr Duration kLeavePatience{std::chrono::seconds{2}};  // after QUIT, RESTART or a closed socket
inline constexpr Duration kEndPatience{std::chrono::seconds{10}};
// No engine has been ready for so long: claims that somebody supervises are not true any more.
inline constexpr Duration kClaimPatience{std::chrono::seconds{60}};
inline constexpr int kStartsUntilLastWill = 3;  // engines lost after TERM before the keeper acts alone

class EngineWatch {
 public:
  void started(Instant now);
  void ended(const ExitStatus& status, Instant now);  // unknown: it could not be started
  std::optional<Instant> start_at() const;            // nullopt: one is running
  bool facts_only() const { return loop_failures_ > 0; }
  unsigned starts() const { return starts_; }
  const std::string& last_end() const { return last_end_; }

  // Another image goes on where `starts` engines were started, the last of which runs or not.
  void resume(unsigned starts, bool runs, Instant now);
  // It ended because it was told to leave: no failure, and the next one is started at once.
  void left(Instant now);

  // It has taken over, and its work goes on.
  void ready() { unready_since_.reset(); }
  std::optional<Instant> claims_end_at() const;  // nullopt: never, as things are, or they have ended
  void claims_ended() { unready_since_ = Instant::max(); }

  // An engine that was told something must answer; `unanswered` is asked after every turn. Any answer shows that it
  // works: where programs end all the time, something is unanswered all the time.
  void answer_expected(bool unanswered, Instant now);
  void answered() { unanswered_since_.reset(); }
  // It is about to end, or of no more use: SIGKILL if it is still there by then.
  void end_by(Instant when) { end_by_ = when; }
  void stopped(Instant now) { stopped_since_ = now; }
  void continued() { stopped_since_.reset(); }
  // When to end the engine, because it does not answer or is stopped; and how: SIGABRT leaves a trace of where it
  // hangs, and if it is still there after kEndPatience, SIGKILL.
  std::optional<Instant> end_at() const;
  int end_signal(Instant now);

  // Somebody wants us to end.
  bool is_stop_asked() const { return ends_at_stop_.has_value(); }
  void stop_asked() { ends_at_stop_ = ends_at_stop_.value_or(ends_); }
  bool last_will_due() const { return ends_at_stop_ && ends_ - *ends_at_stop_ >= kStartsUntilLastWill; }

 private:
  Duration pause() const;  // between two starts
  bool has_failed_in_a_row(Instant now) const;

  bool running_ = false;
  unsigned starts_ = 0;
  int ends_ = 0;
  std::optional<Instant> last_start_, ended_at_, unanswered_since_, stopped_since_, abort_sent_, end_by_;
  std::optional<Instant> unready_since_;  // the end of the last engine that was ready
  std::deque<Instant> failures_;
  int loop_failures_ = 0;  // since the crash loop began, the one that made it one included; 0: there is none
  std::string last_end_;
  std::optional<int> ends_at_stop_;
};

}  // namespace upkeep::keeper
