// Gives memory back once a burst of work is over. A start of many programs, a storm or an update passes far more
// through the heap than stays there, and the C library keeps the holes that this leaves: a third of an engine of 500
// programs.
// And it passes through code that an engine at rest does not use: that is unmapped, another third.
//
// To look for them takes time by the size of the heap, so it is done by the amount of work, never for a single restart,
// and never while more comes.
#pragma once

#include <cstddef>
#include <optional>

#include "os/loop.h"

namespace upkeep::engine {

class Tidying : public os::Clockwork {
 public:
  static constexpr Duration kQuiet{std::chrono::milliseconds{250}};  // without work, then it is done
  static constexpr std::size_t kChangesMin = 64;                     // of processes that are worth it

  explicit Tidying(os::Loop& loop) : loop_(loop) { loop_.add_clockwork(*this); }
  Tidying(const Tidying&) = delete;
  ~Tidying() override { loop_.remove_clockwork(*this); }

  // One of so many processes has changed. A quarter of them, and at least kChangesMin changes, are a burst.
  void note_change(std::size_t processes);
  void ask() { due_ = loop_.now() + kQuiet; }  // after work that is one by itself

  std::optional<Instant> next_deadline() const override { return due_; }
  void on_time(Instant now) override;

 private:
  os::Loop& loop_;
  std::size_t changes_ = 0;  // since the last time
  std::optional<Instant> due_;
};

}  // namespace upkeep::engine
