#include "logs/stdio_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "logs/writer_thread.h"
#include "os/file.h"

namespace upkeep::logs {
namespace {

constexpr const char* kTooSlow = "its reader does not keep up";

bool can_block(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return false;
  const bool waits_for_a_reader = S_ISFIFO(status.st_mode) || (S_ISCHR(status.st_mode) && ::isatty(fd));
  return waits_for_a_reader && (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

bool is_socket(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

std::shared_ptr<Sink> make_stdio_sink(os::Loop& loop, Fd fd, std::string name, TroubleReport report) {
  if (can_block(fd.get())) {
    auto reopened = os::reopen_nonblocking(fd.get());
    if (!reopened) return std::make_shared<WriterThread>(std::move(fd), std::move(name), std::move(report));
    fd = std::move(*reopened);
  }
  return std::make_shared<StdioSink>(loop, std::move(fd), std::move(name), std::move(report));
}

StdioSink::StdioSink(os::Loop& loop, Fd fd, std::string name, TroubleReport report)
    : loop_(loop),
      fd_(std::move(fd)),
      is_socket_(is_socket(fd_.get())),
      name_(std::move(name)),
      report_(std::move(report)),
      losses_(name_, report_) {}

StdioSink::~StdioSink() { (void)push(std::string_view{queue_}.substr(done_)); }  // what stays has no one left to tell

// Returns what went out; when that is not all, errno says why.
std::size_t StdioSink::push(std::string_view bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::string_view rest = bytes.substr(done);
    const ssize_t wrote = is_socket_ ? ::send(fd_.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                                     : ::write(fd_.get(), rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  return done;
}

void StdioSink::write(std::string_view bytes) {
  if (bytes.empty()) return;
  if (queued() == 0) {
    const std::size_t done = push(bytes);
    if (done == bytes.size()) return losses_.end();
    bytes.remove_prefix(done);
    if (errno != EAGAIN) return losses_.add(bytes.size(), ::strerrordesc_np(errno));
  } else if (queued() + bytes.size() > kStdioQueueBytes) {
    return losses_.add(bytes.size(), kTooSlow);
  }
  queue_.append(bytes);
  if (!watch_) wait_for_room();
}

void StdioSink::wait_for_room() {
  auto watch = loop_.watch(fd_.get(), EPOLLOUT, [this](std::uint32_t) { flush(); });
  if (!watch) return lose_queue(watch.error().text);
  watch_ = std::move(*watch);
}

void StdioSink::flush() {
  done_ += push(std::string_view{queue_}.substr(done_));
  if (queued() > 0 && errno != EAGAIN) return lose_queue(::strerrordesc_np(errno));
  if (queued() > 0) {
    if (done_ > queue_.size() / 2) queue_.erase(0, std::exchange(done_, 0));
    return;
  }
  forget_queue();
  losses_.end();
}

void StdioSink::settle(Duration most) {
  const Instant end = monotonic_now() + most;
  for (Instant now = monotonic_now(); queued() > 0 && now < end; now = monotonic_now()) {
    pollfd room{fd_.get(), POLLOUT, 0};
    (void)::poll(&room, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(end - now).count()));
    flush();
  }
}

void StdioSink::lose_queue(const std::string& why) {
  const std::size_t lost = queued();
  forget_queue();
  losses_.add(lost, why);
}

void StdioSink::forget_queue() {
  queue_ = {};
  done_ = 0;
  watch_.reset();
}

Result<std::size_t> StdioSink::splice_from(int, std::size_t) {
  return Error{"splice to an inherited descriptor", EINVAL};
}

}  // namespace upkeep::logs
