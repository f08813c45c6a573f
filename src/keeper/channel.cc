#include "keeper/channel.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace upkeep::keeper {
namespace {

constexpr std::size_t kMoveBytes = 64 * 1024;

std::int64_t size_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? status.st_size : 0;
}

}  // namespace

std::int64_t Channel::settle_spool() {
  if (!spool) return 0;
  const std::int64_t size = size_of(spool.get());
  const std::int64_t position = ::lseek(spool.get(), 0, SEEK_CUR);
  if (position < size) return size - position;
  (void)::ftruncate(spool.get(), 0);  // on a memfd neither can fail
  (void)::lseek(spool.get(), 0, SEEK_SET);
  return 0;
}

bool Channel::has_spool() {
  if (!spool) spool = Fd{::memfd_create("upkeep-spool", MFD_CLOEXEC)};
  return bool{spool};
}

std::int64_t Channel::hold(std::int64_t room, bool drop) {
  if (room <= 0 || !has_spool()) {
    if (drop) discard();
    return 0;
  }
  off_t end = size_of(spool.get());
  const ssize_t moved = ::splice(pipe.get(), nullptr, spool.get(), &end,
                                 std::min(kMoveBytes, static_cast<std::size_t>(room)), SPLICE_F_NONBLOCK);
  if (moved == 0) ended = true;
  if (moved < 0 && errno != EAGAIN && errno != EINTR) discard();  // no memory for the spool: never block the program
  return std::max<std::int64_t>(moved, 0);
}

void Channel::discard() {
  std::array<char, kMoveBytes> scratch;
  const ssize_t count = ::read(pipe.get(), scratch.data(), scratch.size());
  if (count == 0) ended = true;
  if (count > 0) dropped += static_cast<std::uint64_t>(count);
}

}  // namespace upkeep::keeper
