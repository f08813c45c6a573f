// A sink over a descriptor that may block and cannot be reopened: a thread does the writing, the caller only fills its
// queue. Beyond kStdioQueueBytes the newest writes are dropped whole and counted. Reports are made on the caller's
// thread, from write().
#pragma once

#include <memory>
#include <string>

#include "base/fd.h"
#include "logs/losses.h"
#include "logs/sink.h"

namespace upkeep::logs {

class WriterThread : public Sink {
 public:
  WriterThread(Fd fd, std::string name, TroubleReport report = {});
  // Waits up to 100 ms for the queue to drain; a thread stuck in write(2) is left behind with its descriptor.
  ~WriterThread() override;

  void write(std::string_view bytes) override;
  Result<std::size_t> splice_from(int source, std::size_t most) override;  // always EINVAL
  void reopen() override {}
  Result<void> remove() override { return {}; }

  std::uint64_t dropped() const { return losses_.total(); }

 private:
  struct Shared;
  static void run(Shared& shared);

  const std::string name_;
  const TroubleReport report_;
  Losses losses_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace upkeep::logs
