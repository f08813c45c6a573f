#include "os/file.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace upkeep::os {
namespace {

constexpr std::size_t kReadBytes = 64u << 10;

Result<void> sync(int fd, const std::string& path) {
  if (::fsync(fd) != 0) return Error::from_errno("sync " + path);
  return {};
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> write_beside(const std::string& path, std::string_view bytes, mode_t mode, Durability durability) {
  const Fd file = TRY(open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode));
  if (::fchmod(file.get(), mode) != 0) return Error::from_errno("chmod " + path);
  TRY(write_all(file.get(), bytes));
  if (durability == Durability::Sync) TRY(sync(file.get(), path));
  return {};
}

}  // namespace

Result<Fd> open_file(const std::string& path, int flags, mode_t mode) {
  for (;;) {
    Fd file{::open(path.c_str(), flags | O_CLOEXEC, mode)};
    if (file) return file;
    if (errno != EINTR) return Error::from_errno("open " + path);
  }
}

Result<std::string> read_all(int fd, std::size_t most) {
  std::string bytes;
  std::array<char, kReadBytes> piece;
  for (;;) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error::from_errno("read");
    if (got == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(got) > most)
      return Error{fmt::format("read: more than {} bytes", most), EFBIG};
    bytes.append(piece.data(), static_cast<std::size_t>(got));
  }
}

Result<std::string> read_file(const std::string& path, std::size_t most) {
  const Fd file = TRY(open_file(path, O_RDONLY | O_NONBLOCK));  // a fifo of that name would hold us for ever
  auto bytes = read_all(file.get(), most);
  if (!bytes) return std::move(bytes).error().context(path);
  return bytes;
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Error::from_errno("write");
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<void> replace_file(const std::string& path, std::string_view bytes, mode_t mode, Durability durability) {
  const std::string beside = path + ".new";
  auto written = write_beside(beside, bytes, mode, durability);
  if (!written) {
    (void)::unlink(beside.c_str());  // half a file helps nobody; what went wrong is already known
    return std::move(written).error().context(path);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    Error why = Error::from_errno("rename " + beside + " to " + path);
    (void)::unlink(beside.c_str());
    return why;
  }
  if (durability == Durability::Sync) {
    const std::string directory = directory_of(path);
    const Fd opened = TRY(open_file(directory, O_RDONLY | O_DIRECTORY));
    TRY(sync(opened.get(), directory));
  }
  return {};
}

Result<Fd> make_memfd(const std::string& name, std::string_view bytes, Sealing sealing) {
  Fd file{::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!file) return Error::from_errno("make memory file " + name);
  TRY(write_all(file.get(), bytes));
  if (::lseek(file.get(), 0, SEEK_SET) < 0) return Error::from_errno("rewind memory file " + name);
  constexpr int kAllSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (sealing == Sealing::Sealed && ::fcntl(file.get(), F_ADD_SEALS, kAllSeals) != 0)
    return Error::from_errno("seal memory file " + name);
  return file;
}

Result<Fd> reopen_nonblocking(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return Error::from_errno("look at a descriptor");
  if (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode))
    return Error::from_errno("reopen a descriptor without its position", EINVAL);
  return open_file(fmt::format("/proc/self/fd/{}", fd), O_WRONLY | O_NONBLOCK | O_NOCTTY);
}

FileId file_id(const struct stat& status) { return {status.st_dev, status.st_ino}; }

}  // namespace upkeep::os
