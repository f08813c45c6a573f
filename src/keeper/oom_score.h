// How ready the kernel is to kill us when memory runs out. The keeper is small, and its death costs the exit statuses
// of all programs: where it may (CAP_SYS_RESOURCE), it asks to be taken after nearly everything else. Nobody else
// profits: each child, the engine included, gets the score back that the keeper was started with, and so does whatever
// the keeper becomes (a daemon's starter, another image, another user). proc_pid_oom_score_adj(5).
#pragma once

#include <string>

namespace upkeep::keeper {

inline constexpr const char* kOomScoreFile = "/proc/self/oom_score_adj";

class OomScore {
 public:
  // Not -1000, which is never: a keeper that grew without bounds must still be found.
  static constexpr int kProtected = -900;

  explicit OomScore(std::string file = kOomScoreFile) : file_(std::move(file)) { protect(); }
  OomScore(const OomScore&) = delete;
  ~OomScore() { give_back(); }

  // Does nothing where it is not allowed, /proc is read-only, or the score is as low already.
  void protect();
  // In the keeper: before it becomes something else. In a child, between fork and exec, as long as it has the keeper's
  // rights: only so the old score is also the lowest that the program can give itself. Async-signal-safe.
  void give_back() const;

 private:
  std::string file_;
  std::string inherited_;  // as it was read; empty: nothing was changed
};

}  // namespace upkeep::keeper
