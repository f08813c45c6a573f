#include "engine/status_queue.h"

#include <utility>

namespace upkeep::engine {
namespace {

constexpr int kWritesPerTurn = 8;  // a file may cost as much as a start

}  // namespace

void StatusQueue::add(Write write) {
  waiting_.push_back(std::move(write));
  if (waiting_.size() == 1) schedule();
}

bool StatusQueue::is_first() {
  if (!waiting_.empty() || std::exchange(had_first_, true)) return false;
  loop_.defer([this, lives = std::weak_ptr{alive_}] {
    if (!lives.expired()) had_first_ = false;
  });
  return true;
}

void StatusQueue::schedule() {
  loop_.defer([this, lives = std::weak_ptr{alive_}] {
    if (!lives.expired()) work_off();
  });
}

void StatusQueue::work_off() {
  for (int written = 0; written < kWritesPerTurn && !waiting_.empty();) {
    const Write write = std::move(waiting_.front());
    waiting_.pop_front();
    if (write()) ++written;
  }
  if (!waiting_.empty()) schedule();
}

}  // namespace upkeep::engine
