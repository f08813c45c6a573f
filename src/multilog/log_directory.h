// A log directory: `current`, the finished files @STAMP.s, and what keeps them whole. It decides nothing (rotation.h
// does); it carries out plans and keeps trying where a step fails.
//
// The directory is locked for as long as the object lives. Paths are relative to the open directory, so that it may be
// moved. It is the only writer of `current`.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/time.h"
#include "multilog/rotation.h"
#include "multilog/script.h"
#include "multilog/trouble.h"

namespace upkeep::multilog {

class LogDirectory {
 public:
  using Clock = std::function<WallTime()>;

  LogDirectory(DirectorySettings settings, Trouble& trouble, Clock clock = wall_now);

  // Creates the directory if need be, locks it, finishes what a crash interrupted, and opens `current`. The error is
  // what to say before giving up; steps of the recovery that can be tried again are.
  Result<void> open();

  // Returns when every byte is in a file. Not synced: that is done when a file is full and when it is closed.
  void write(std::string_view bytes);

  void rotate_if_used();  // unless `current` is empty

  void close();  // once open: `current` is on disk and marked as complete: the next start continues it

  // What open() consists of, for tests that stop between two steps: the plan is to be performed in order.
  Result<Plan> enter();
  Result<void> perform(const Step& step);

 private:
  Result<void> on(const Discard& step);
  Result<void> on(const Remove& step);
  Result<void> on(const SyncFile& step);
  Result<void> on(const MarkComplete& step);
  Result<void> on(const Rename& step);
  Result<void> on(const Keep& step);
  Result<void> on(const Purge& step);
  Result<void> on(const RunProcessor& step);
  Result<void> on(const CreateState& step);
  Result<void> on(const CreateCurrent& step);
  Result<void> on(const ContinueCurrent& step);

  void rotate();
  Result<Found> look() const;
  Result<std::vector<std::string>> names() const;
  Result<bool> has_kept_name(ino_t inode) const;
  Error error(const std::string& what, int code) const;                                // "WHAT DIR"
  Error file_error(const std::string& what, const std::string& file, int code) const;  // "WHAT DIR/FILE"

  DirectorySettings settings_;
  Trouble& trouble_;
  Clock clock_;
  Fd directory_, lock_, current_;
  std::uint64_t written_ = 0;  // size of current
};

}  // namespace upkeep::multilog
