#include "logs/writer_thread.h"

#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "logs/stdio_sink.h"
#include "os/file.h"

namespace upkeep::logs {
namespace {

constexpr std::chrono::milliseconds kLastFlush{100};

// Signals are the engine's loop's business; a thread born with all of them blocked never gets one.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

struct WriterThread::Shared {  // outlives the sink while the thread is stuck
  Fd fd;
  std::mutex mutex;
  std::condition_variable wake, drained;
  std::deque<std::string> queue;  // the front one is being written
  std::size_t queued = 0;         // bytes in queue
  std::uint64_t lost = 0;         // bytes the descriptor refused, not yet told
  int why = 0;                    // errno of the last write, 0 when it worked
  bool stopping = false;
};

WriterThread::WriterThread(Fd fd, std::string name, TroubleReport report)
    : name_(std::move(name)), report_(std::move(report)), losses_(name_, report_), shared_(std::make_shared<Shared>()) {
  shared_->fd = std::move(fd);
  const AllSignalsBlocked blocked;
  std::thread{[shared = shared_] { run(*shared); }}.detach();
}

WriterThread::~WriterThread() {
  std::unique_lock lock{shared_->mutex};
  (void)shared_->drained.wait_for(lock, kLastFlush, [this] { return shared_->queue.empty(); });
  shared_->stopping = true;
  shared_->wake.notify_one();
}

void WriterThread::run(Shared& shared) {
  std::unique_lock lock{shared.mutex};
  for (;;) {
    shared.wake.wait(lock, [&] { return shared.stopping || !shared.queue.empty(); });
    if (shared.stopping) return;
    const std::string& bytes = shared.queue.front();  // stays put while others are pushed behind it
    lock.unlock();
    const auto written = os::write_all(shared.fd.get(), bytes);
    lock.lock();
    shared.why = written ? 0 : written.error().code;
    if (!written) shared.lost += bytes.size();
    shared.queued -= bytes.size();
    shared.queue.pop_front();
    if (shared.queue.empty()) shared.drained.notify_all();
  }
}

void WriterThread::write(std::string_view bytes) {
  if (bytes.empty()) return;
  std::unique_lock lock{shared_->mutex};
  const bool is_idle = shared_->queue.empty();
  const bool fits = is_idle || shared_->queued + bytes.size() <= kStdioQueueBytes;
  const std::uint64_t lost = std::exchange(shared_->lost, 0);
  const int why = shared_->why;
  if (fits) {
    shared_->queue.emplace_back(bytes);
    shared_->queued += bytes.size();
    shared_->wake.notify_one();
  }
  lock.unlock();  // a report may write here again
  if (lost > 0) losses_.add(lost, ::strerrordesc_np(why));
  if (!fits) losses_.add(bytes.size(), "its reader does not keep up");
  if (fits && is_idle && lost == 0 && why == 0) losses_.end();
}

Result<std::size_t> WriterThread::splice_from(int, std::size_t) { return Error{"splice to a thread", EINVAL}; }

}  // namespace upkeep::logs
