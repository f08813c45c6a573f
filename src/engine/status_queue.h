// The status files that are yet to be written: after all that a turn has to ask of the keeper, and only a few a turn.
// No start waits for a file, and while many services are restarted at once each is written when there is time, as it is
// by then. A lone change is written in its own turn.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "os/loop.h"

namespace upkeep::engine {

class StatusQueue {
 public:
  using Write = std::function<bool()>;  // false: there was nothing to write after all
  explicit StatusQueue(os::Loop& loop) : loop_(loop) {}
  void add(Write write);
  // Whether nothing else was written in this turn or waits: then an end or a start may be written at once, as whoever
  // waits for it reads of it before this turn is over. True once a turn.
  bool is_first();

 private:
  void schedule();
  void work_off();

  os::Loop& loop_;
  std::deque<Write> waiting_;
  bool had_first_ = false;
  std::shared_ptr<const char> alive_ = std::make_shared<char>();  // for what is deferred
};

}  // namespace upkeep::engine
