#include "logs/tee_pipe.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "os/file.h"

namespace upkeep::logs {
namespace {

bool kernel_tells_of_every_write(const Pipe& empty, int null) {
  const Fd epoll{::epoll_create1(EPOLL_CLOEXEC)};
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  if (!epoll || ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, empty.read.get(), &event) != 0) return false;
  int told = 0;
  for (int write = 0; write < 2; ++write)
    if (::write(empty.write.get(), "", 1) == 1) told += ::epoll_wait(epoll.get(), &event, 1, 0);
  while (::splice(empty.read.get(), nullptr, null, nullptr, 2, SPLICE_F_NONBLOCK) > 0) {
  }
  return told == 2;
}

}  // namespace

TeePipe::TeePipe(Pipe scratch, Fd null)
    : tells_of_every_write_(kernel_tells_of_every_write(scratch, null.get())),
      scratch_(std::move(scratch)),
      null_(std::move(null)) {}

Result<TeePipe> TeePipe::make() {
  Pipe scratch = TRY(Pipe::make(O_NONBLOCK));
  Fd null = TRY(os::open_file("/dev/null", O_WRONLY));
  return TeePipe{std::move(scratch), std::move(null)};
}

Result<std::string_view> TeePipe::peek(int pipe) {
  const ssize_t teed = ::tee(pipe, scratch_.write.get(), kPeekBytes, SPLICE_F_NONBLOCK);
  if (teed < 0 && (errno == EAGAIN || errno == EINTR)) return std::string_view{};
  if (teed < 0) return Error::from_errno("look into a pipe");
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kPeekBytes);
  const auto size = static_cast<std::size_t>(teed);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(scratch_.read.get(), buffer_.get() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Error::from_errno("read back what was seen in a pipe");
    done += static_cast<std::size_t>(got);
  }
  return std::string_view{buffer_.get(), size};
}

void TeePipe::consume(int pipe, std::size_t bytes) {
  while (bytes > 0) {
    const std::size_t gone = discard(pipe, bytes);
    if (gone == 0) return;  // somebody else reads this pipe, too: nothing left to take
    bytes -= gone;
  }
}

std::size_t TeePipe::discard(int pipe, std::size_t most) {
  for (;;) {
    const ssize_t gone = ::splice(pipe, nullptr, null_.get(), nullptr, most, SPLICE_F_NONBLOCK);
    if (gone < 0 && errno == EINTR) continue;
    return gone > 0 ? static_cast<std::size_t>(gone) : 0;
  }
}

}  // namespace upkeep::logs
