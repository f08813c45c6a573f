#include "multilog/input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace upkeep::multilog {
namespace {

constexpr int kWidePipeBytes = 2 * static_cast<int>(kLookBytesMax);
constexpr std::size_t kPageBytes = 4096;  // F_SETPIPE_SZ counts slots by it; a larger page only rounds up

bool add(int epoll, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool has_no_writer(int pipe) {
  pollfd look{pipe, POLLIN, 0};
  return ::poll(&look, 1, 0) > 0 && (look.revents & POLLHUP);
}

std::size_t bytes_in(int pipe) {
  int bytes = 0;
  return ::ioctl(pipe, FIONREAD, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

// Whether epoll, edge-triggered, tells of a write to a pipe that is not empty. Linux 5.5 to 5.13 does not, unless the
// fix was taken over ("pipe: make pipe writes always wake up readers").
bool kernel_tells_of_every_write() {
  const auto pipe = Pipe::make(O_NONBLOCK);
  const Fd epoll{::epoll_create1(EPOLL_CLOEXEC)};
  if (!pipe || !epoll || !add(epoll.get(), pipe->read.get(), EPOLLIN | EPOLLET)) return false;
  int told = 0;
  epoll_event event{};
  for (int write = 0; write < 2; ++write)
    if (::write(pipe->write.get(), "", 1) == 1) told += ::epoll_wait(epoll.get(), &event, 1, 0);
  return told == 2;
}

}  // namespace

Result<Input> Input::on(int fd, int alert) {
  Fd epoll{::epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll || !add(epoll.get(), alert, EPOLLIN)) return Error::from_errno("unable to wait for signals");
  Input input{fd, std::move(epoll)};
  struct stat status {};
  const bool is_pipe = ::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
  const bool looks = is_pipe && input.prepare_looking();
  input.can_wait_ = add(input.epoll_.get(), fd, looks ? EPOLLIN | EPOLLET : EPOLLIN);
  input.ready_ = looks || !input.can_wait_;
  return input;
}

bool Input::prepare_looking() {
  auto scratch = Pipe::make(O_NONBLOCK);
  null_ = Fd{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  if (!scratch || !null_) return false;
  // Some sandboxes have no tee().
  if (::tee(fd_, scratch->write.get(), 1, SPLICE_F_NONBLOCK) < 0 && errno != EAGAIN) return false;
  char first = 0;
  (void)!::read(scratch->read.get(), &first, 1);  // seen again soon
  scratch_ = std::move(*scratch);
  resize_scratch();
  leaves_unfinished_ =
      look_bytes_ < static_cast<std::size_t>(std::max(::fcntl(fd_, F_GETPIPE_SZ), 0)) && kernel_tells_of_every_write();
  return true;
}

void Input::resize_scratch() {
  const auto pipe_bytes = static_cast<std::size_t>(std::max(::fcntl(fd_, F_GETPIPE_SZ), 0));
  (void)::fcntl(scratch_->write.get(), F_SETPIPE_SZ, std::clamp(pipe_bytes / 2, kPageBytes, kLookBytesMax));
  look_bytes_ = static_cast<std::size_t>(::fcntl(scratch_->write.get(), F_GETPIPE_SZ));
}

void Input::wait() {
  std::array<epoll_event, 2> events{};
  const int found = ::epoll_wait(epoll_.get(), events.data(), events.size(), ready_ ? 0 : -1);
  for (int i = 0; i < found; ++i)
    if (events[static_cast<std::size_t>(i)].data.fd == fd_) ready_ = true;
}

Input::Sight Input::look(Amount amount) {
  if (!ready_) return Sight::NothingNew;
  return scratch_ ? look_into_pipe() : read_plainly(amount);
}

Input::Sight Input::look_into_pipe() {
  // What stayed in the pipe will be seen again.
  const std::size_t known = in_pipe_;
  end_ -= std::exchange(in_pipe_, 0);
  const bool was_last = known > 0 && has_no_writer(fd_);
  ssize_t seen = 0;
  do seen = ::tee(fd_, scratch_->write.get(), std::min(look_bytes_, room()), SPLICE_F_NONBLOCK);
  while (seen < 0 && errno == EINTR);
  if (seen < 0 && errno == EAGAIN) {
    ready_ = false;
    return Sight::NothingNew;
  }
  if (seen <= 0) return Sight::End;
  const auto size = static_cast<std::size_t>(seen);
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = ::read(scratch_->read.get(), buffer_.get() + end_ + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Sight::End;  // cannot be: they are there
    done += static_cast<std::size_t>(got);
  }
  end_ += size;
  in_pipe_ = size;
  if (size > known) {
    if (size == look_bytes_) widen();
    return Sight::More;
  }
  if (was_last) return Sight::End;
  if (!leaves_unfinished_ || bytes_in(fd_) > size) {
    take_from_pipe(size);
  } else {
    ready_ = false;
  }
  return Sight::NothingNew;
}

// The writer is faster than us: fewer and larger looks then cost less. Where the user may have no larger pipes (see
// pipe-user-pages-soft in pipe(7)), it stays as it is.
void Input::widen() {
  if (look_bytes_ >= kLookBytesMax || ::fcntl(fd_, F_GETPIPE_SZ) >= kWidePipeBytes) return;
  if (::fcntl(fd_, F_SETPIPE_SZ, kWidePipeBytes) > 0) resize_scratch();
}

Input::Sight Input::read_plainly(Amount amount) {
  const std::size_t most = amount == Amount::OneByte ? 1 : std::min(kReadBytes, room());
  const ssize_t got = ::read(fd_, buffer_.get() + end_, most);
  ready_ = !can_wait_;
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Sight::NothingNew;
  if (got <= 0) return Sight::End;
  end_ += static_cast<std::size_t>(got);
  return Sight::More;
}

void Input::release(std::size_t bytes) {
  begin_ += bytes;
  const std::size_t left = end_ - begin_;
  if (left < in_pipe_) take_from_pipe(in_pipe_ - left);
  if (left == 0) {
    begin_ = end_ = 0;
  } else if (bytes > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, left);
    begin_ = 0;
    end_ = left;
  }
}

// The first of those that are still in it.
void Input::take_from_pipe(std::size_t bytes) {
  in_pipe_ -= bytes;
  while (bytes > 0) {
    const ssize_t gone = ::splice(fd_, nullptr, null_.get(), nullptr, bytes, SPLICE_F_NONBLOCK);
    if (gone < 0 && errno == EINTR) continue;
    if (gone <= 0) return;  // somebody else reads this pipe, too: nothing left to take
    bytes -= static_cast<std::size_t>(gone);
  }
}

}  // namespace upkeep::multilog
