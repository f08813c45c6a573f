// Bytes on their way to the standard input of a program: what XML-RPC's sendProcessStdin was given, or the events of a
// listener.
//
// They wait in a memfd that the keeper holds, too, and leave it by splice: file position and bytes move in one system
// call, so that an engine that is killed in the middle neither loses nor repeats a byte. What has left stays in the
// memfd for a while, which lets a recovering engine see what the last one had queued.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/deposits.h"
#include "os/loop.h"

namespace upkeep::engine {

// A program that does not read cannot fill our memory.
inline constexpr std::size_t kInputBytesMax = 16u << 20;
// What has left is dropped once it is more than this, and not for each few bytes.
inline constexpr std::size_t kSentBytesMax = 16u << 10;

class InputQueue {
 public:
  // `deposit` is the name at the keeper; nothing is deposited before there is something to queue.
  InputQueue(os::Loop& loop, Deposits& deposits, std::string deposit);
  InputQueue(const InputQueue&) = delete;

  // A program began, or goes on: the writing end of its stdin, non-blocking; borrowed until close().
  void open(int pipe);
  // It ended: what it has not read is nobody's.
  void close();
  bool is_open() const { return pipe_ >= 0; }
  std::size_t waiting() const { return size_ - position_; }

  // Error: EPIPE, nobody reads there any more; ENOBUFS, more than kInputBytesMax would wait. Then nothing is queued.
  Result<void> push(std::string_view bytes);
  // As push, but not if the engine before us has queued these very bytes last, be they sent or not; had it only begun
  // to queue them, they are completed.
  Result<void> ensure(std::string_view bytes);

 private:
  Result<void> prepare();  // a memfd, emptied if much was sent and nothing waits
  Result<void> append(std::string_view bytes);
  Result<void> flush();

  os::Loop& loop_;
  Deposits& deposits_;
  const std::string deposit_;
  int pipe_ = -1;
  Fd memfd_;
  std::size_t size_, position_;  // of the memfd: while we live nobody else writes to it or moves its position
  bool is_inherited_;            // memfd_ is the last engine's, and we have added nothing
  os::Watch watch_;              // while the pipe is full
};

}  // namespace upkeep::engine
