// Looks at the bytes of a pipe without taking them: tee(2) into a scratch pipe, read from there, and consume from the
// real one only when the bytes are safe. Whoever is killed in between loses nothing; the next reader sees up to one
// peek again.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/fd.h"

namespace upkeep::logs {

inline constexpr std::size_t kPeekBytes = 64u << 10;  // what a pipe holds unless its size was changed

class TeePipe {  // one serves all channels of a thread
 public:
  static Result<TeePipe> make();

  // Whether epoll, edge-triggered, tells of what is written to a pipe that is not empty. Then bytes that were seen may
  // stay in the pipe until more arrive. Linux 5.5 to 5.13 does not tell unless the fix was taken over ("pipe: make pipe
  // writes always wake up readers").
  bool tells_of_every_write() const { return tells_of_every_write_; }
  void assume_silent_kernel() { tells_of_every_write_ = false; }  // for tests

  // Up to kPeekBytes from the front of the pipe; valid until the next peek. Empty: nothing there, or at its end.
  Result<std::string_view> peek(int pipe);

  // Takes `bytes` that were peeked at. We must be the pipe's only reader.
  void consume(int pipe, std::size_t bytes);

  // Takes up to `most` bytes unseen. Returns how many.
  std::size_t discard(int pipe, std::size_t most);

 private:
  TeePipe(Pipe scratch, Fd null);

  bool tells_of_every_write_ = false;
  Pipe scratch_;  // empty between calls
  Fd null_;
  std::unique_ptr<char[]> buffer_;  // null: nobody has looked yet, and where all is spliced nobody will
};

}  // namespace upkeep::logs
