#include "engine/input_queue.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "os/file.h"

namespace upkeep::engine {
namespace {

std::size_t size_of(const Fd& memfd) {
  struct stat status {};
  return memfd && ::fstat(memfd.get(), &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
}

std::size_t position_of(const Fd& memfd) {
  const off_t position = memfd ? ::lseek(memfd.get(), 0, SEEK_CUR) : 0;
  return position > 0 ? static_cast<std::size_t>(position) : 0;
}

// All that was queued since it was emptied last, sent or not.
std::string content_of(const Fd& memfd, std::size_t size) {
  std::string bytes(size, '\0');
  const ssize_t got = bytes.empty() ? 0 : ::pread(memfd.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

// The bytes at the end of `text` that a longer `word` begins with.
std::size_t begun(std::string_view text, std::string_view word) {
  for (std::size_t size = std::min(text.size(), word.size()); size > 0; --size)
    if (text.ends_with(word.substr(0, size))) return size;
  return 0;
}

}  // namespace

InputQueue::InputQueue(os::Loop& loop, Deposits& deposits, std::string deposit)
    : loop_(loop),
      deposits_(deposits),
      deposit_(std::move(deposit)),
      memfd_(deposits.take(deposit_)),
      size_(size_of(memfd_)),
      position_(std::min(position_of(memfd_), size_)),
      is_inherited_(memfd_) {}

void InputQueue::open(int pipe) {
  pipe_ = pipe;
  if (waiting() > 0) (void)flush();  // a reader that has gone is told of at the next push
}

void InputQueue::close() {
  watch_.reset();
  pipe_ = -1;
  if (!memfd_) return;
  deposits_.discard(deposit_);
  memfd_.reset();
  size_ = position_ = 0;
}

Result<void> InputQueue::push(std::string_view bytes) {
  if (!is_open()) return Error{"standard input is closed", EPIPE};
  if (waiting() + bytes.size() > kInputBytesMax)
    return Error{fmt::format("{} bytes wait in its standard input, which it does not read", waiting()), ENOBUFS};
  is_inherited_ = false;
  TRY(prepare());
  TRY(append(bytes));
  return flush();
}

Result<void> InputQueue::ensure(std::string_view bytes) {
  if (is_inherited_) {
    const std::string content = content_of(memfd_, size_);
    const std::size_t size = begun(content, bytes);
    if (size == bytes.size()) return {};
    const std::size_t end = content.size() - size;
    if (end >= position_ && ::ftruncate(memfd_.get(), static_cast<off_t>(end)) == 0)
      size_ = end;  // nothing of an unfinished record was sent
  }
  return push(bytes);
}

Result<void> InputQueue::prepare() {
  if (!memfd_) {
    memfd_ = TRY(os::make_memfd("upkeep-stdin", {}, os::Sealing::Open));
    deposits_.deposit(deposit_, memfd_);
  } else if (waiting() == 0 && size_ > kSentBytesMax) {
    // In this order: a position beyond the end means that all was sent.
    if (::ftruncate(memfd_.get(), 0) != 0 || ::lseek(memfd_.get(), 0, SEEK_SET) != 0)
      return Error::from_errno("empty the queue of standard input");
    size_ = position_ = 0;
  }
  return {};
}

Result<void> InputQueue::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(memfd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return Error::from_errno("queue standard input");
    bytes.remove_prefix(static_cast<std::size_t>(put));
    size_ += static_cast<std::size_t>(put);
  }
  return {};
}

// As much as the pipe takes now; the rest when it has room again.
Result<void> InputQueue::flush() {
  while (const std::size_t left = waiting()) {
    const ssize_t moved = ::splice(memfd_.get(), nullptr, pipe_, nullptr, left, SPLICE_F_NONBLOCK);
    if (moved > 0) position_ += static_cast<std::size_t>(moved);
    if (moved > 0 || (moved < 0 && errno == EINTR)) continue;
    if (moved < 0 && errno != EAGAIN) {
      const Error gone = Error::from_errno("write to standard input");
      close();
      return gone;
    }
    if (watch_) return {};
    watch_ = TRY(loop_.watch(pipe_, EPOLLOUT, [this](std::uint32_t) { (void)flush(); }));
    return {};
  }
  watch_.reset();
  return {};
}

}  // namespace upkeep::engine
