// The input of multilog, read so that a kill at any moment loses nothing.
//
// From a pipe we only look: tee(2) copies what is there into a scratch pipe, we read that, and release() takes from the
// real pipe what has been written to the logs. Whoever is killed in between leaves the bytes to a successor on the same
// pipe, which sees at most one look again (half of what the pipe holds). The beginning of an unfinished line stays in
// the pipe, too; then only a new write wakes us, because the wait is edge-triggered. We must be the pipe's only reader.
//
// A look is limited to half of the pipe's slots, so that a pipe full of fragments (each in a slot of its own) is
// noticed as "more is there than we see"; then, and where the kernel does not tell of writes to a pipe that is not
// empty, the beginning of the line is taken into memory after all, so that its writer can go on.
//
// Anything else than a pipe is read plainly, up to kReadBytes at once, which is then what a kill can lose.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/fd.h"

namespace upkeep::multilog {

inline constexpr std::size_t kReadBytes = 64u << 10;      // from what is no pipe
inline constexpr std::size_t kLookBytesMax = 256u << 10;  // from a pipe

class Input {
 public:
  // `fd` stays the caller's; `alert` is a descriptor whose readiness ends a wait.
  static Result<Input> on(int fd, int alert);

  // Returns at once if something may be there to see, else waits for it or for the alert.
  void wait();

  enum class Sight { More, NothingNew, End };
  enum class Amount { All, OneByte };

  // Looks for more behind what pending() shows. Does not block after wait(). OneByte: whoever must stop at the next
  // newline takes no more than that from where nothing can be put back; a look at a pipe is as wide as ever.
  Sight look(Amount amount);

  // Everything seen and not released.
  std::string_view pending() const { return {buffer_.get() + begin_, end_ - begin_}; }

  // The front of pending() is done with.
  void release(std::size_t bytes);

 private:
  Input(int fd, Fd epoll) : fd_(fd), epoll_(std::move(epoll)) {}

  bool prepare_looking();
  void resize_scratch();
  Sight look_into_pipe();
  Sight read_plainly(Amount amount);
  void take_from_pipe(std::size_t bytes);
  void widen();
  std::size_t room() const { return kCapacityBytes - end_; }

  static constexpr std::size_t kCapacityBytes = kLookBytesMax + (4u << 10);

  int fd_;
  Fd epoll_;
  bool can_wait_ = false;        // epoll takes fd_; a regular file is always ready
  bool ready_ = true;            // no wait needed before the next look
  std::optional<Pipe> scratch_;  // where fd_ is a pipe that can be looked into; empty between calls
  Fd null_;
  std::size_t look_bytes_ = 0;      // what the scratch pipe holds
  bool leaves_unfinished_ = false;  // the beginning of a line may stay in the pipe
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(kCapacityBytes);
  std::size_t begin_ = 0, end_ = 0;  // pending() in buffer_
  std::size_t in_pipe_ = 0;          // the last so many bytes of pending() are still in the pipe
};

}  // namespace upkeep::multilog
