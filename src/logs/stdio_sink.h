// The daemon's inherited stdout or stderr as a sink. The reader at the other end, a terminal or a container's log pipe,
// may stop reading for ever; that must never stop us. Bytes wait in a queue of kStdioQueueBytes and flow when the
// descriptor takes them; beyond that the newest writes are dropped whole and counted, reported when dropping starts and
// when the queue has drained.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/fd.h"
#include "logs/losses.h"
#include "logs/sink.h"
#include "os/loop.h"

namespace upkeep::logs {

inline constexpr std::size_t kStdioQueueBytes = 1u << 20;

// The right sink for an inherited descriptor. Regular files: written directly. Sockets: MSG_DONTWAIT. Pipes and
// terminals: as they are if non-blocking, else reopened non-blocking, else through a thread (logs/writer_thread.h).
// `name` ("/dev/stdout") is for reports.
std::shared_ptr<Sink> make_stdio_sink(os::Loop& loop, Fd fd, std::string name, TroubleReport report = {});

class StdioSink : public Sink {
 public:
  // `fd` must not block: a regular file, a socket, or a description with O_NONBLOCK that nobody minds.
  StdioSink(os::Loop& loop, Fd fd, std::string name, TroubleReport report = {});
  ~StdioSink() override;  // one last attempt at the queue, without waiting

  void write(std::string_view bytes) override;
  Result<std::size_t> splice_from(int source, std::size_t most) override;  // always EINVAL: splicing could not queue
  void reopen() override {}                                                // it has no name
  Result<void> remove() override { return {}; }
  void settle(Duration most) override;

  std::size_t queued() const { return queue_.size() - done_; }
  std::uint64_t dropped() const { return losses_.total(); }

 private:
  std::size_t push(std::string_view bytes) const;
  void wait_for_room();
  void flush();
  void lose_queue(const std::string& why);
  void forget_queue();

  os::Loop& loop_;
  Fd fd_;
  bool is_socket_;
  const std::string name_;
  const TroubleReport report_;
  Losses losses_;
  std::string queue_;
  std::size_t done_ = 0;  // bytes at the front of queue_ that are out already
  os::Watch watch_;       // only while something waits: an idle one would spin on EPOLLERR once the reader is gone
};

}  // namespace upkeep::logs
