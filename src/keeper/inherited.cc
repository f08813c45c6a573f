#include "keeper/inherited.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace upkeep::keeper {
namespace {

constexpr unsigned kCloseRangeCloexec = 4;  // CLOSE_RANGE_CLOEXEC, Linux 5.11

// Where close_range(2) is missing or denied.
template <class Act>
void for_each_open(int first, Act act) {
  DIR* directory = ::opendir("/proc/self/fd");
  if (!directory) return;
  while (const dirent* entry = ::readdir(directory)) {
    const int fd = std::atoi(entry->d_name);
    if (fd >= first && fd != ::dirfd(directory)) act(fd);
  }
  ::closedir(directory);
}

Fd reopened(int fd) {
  struct stat status {};
  const bool may_block = ::fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode));
  if (may_block) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    if (Fd own{::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)}; own) return own;
  }
  return Fd{::fcntl(fd, F_DUPFD_CLOEXEC, 3)};
}

}  // namespace

void tame_inherited() {
  int fd;
  do fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= STDERR_FILENO && ::fcntl(fd, F_SETFD, 0) == 0);
  if (fd > STDERR_FILENO) ::close(fd);
  if (::syscall(SYS_close_range, 3U, ~0U, kCloseRangeCloexec) != 0)
    for_each_open(STDERR_FILENO + 1, [](int open) { (void)::fcntl(open, F_SETFD, FD_CLOEXEC); });
}

void close_inherited(int first) {
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0) != 0)
    for_each_open(first, [](int open) { (void)::close(open); });
}

DepositMap stdio_deposits() {
  DepositMap deposits;
  if (Fd out = reopened(STDOUT_FILENO)) deposits["stdout"] = std::move(out);
  if (Fd err = reopened(STDERR_FILENO)) deposits["stderr"] = std::move(err);
  return deposits;
}

}  // namespace upkeep::keeper
