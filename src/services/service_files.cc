#include "services/service_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdio>

namespace upkeep::services {
namespace {

constexpr std::size_t kStatusBytesMax = 4096;

std::string below(const std::string& shown, const std::string& path) {
  return shown.empty() ? path : shown + "/" + path;
}

Error trouble(const std::string& verb, const std::string& shown, const std::string& state, const char* name,
              int code = errno) {
  return {"unable to " + verb + " " + below(shown, state + "/" + name), code};
}

// A dangling link is what packages leave that keep state elsewhere, below a /run that is empty after a boot.
void make_directory(int directory, const std::string& path) {
  if (::mkdirat(directory, path.c_str(), 0700) == 0) return;
  struct stat status {};
  if (errno != EEXIST || ::fstatat(directory, path.c_str(), &status, 0) == 0) return;
  char target[PATH_MAX];
  const ssize_t size = ::readlinkat(directory, path.c_str(), target, sizeof target - 1);
  if (size <= 0) return;
  target[size] = '\0';
  (void)::mkdirat(directory, target, 0700);  // opening the files in it tells of a failure
}

bool is_fifo(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

Fd open_at(int directory, const std::string& path, int flags, mode_t mode = 0) {
  return Fd{::openat(directory, path.c_str(), flags | O_CLOEXEC, mode)};
}

}  // namespace

ServiceFiles::ServiceFiles(int directory, std::string state, Fd lock, Fd control, Fd ok)
    : directory_(directory),
      state_(std::move(state)),
      lock_(std::move(lock)),
      control_(std::move(control)),
      ok_(std::move(ok)) {}

Result<ServiceFiles> ServiceFiles::acquire(int directory, const std::string& shown, std::string state) {
  ServiceFiles files{directory, std::move(state)};
  make_directory(directory, files.state_);
  files.lock_ = open_at(directory, files.path("lock"), O_WRONLY | O_NONBLOCK | O_APPEND | O_CREAT, 0600);
  if (!files.lock_ || ::flock(files.lock_.get(), LOCK_EX | LOCK_NB) != 0)
    return trouble("acquire", shown, files.state_, "lock");
  (void)::mkfifoat(directory, files.path("control").c_str(), 0600);
  files.control_ = open_at(directory, files.path("control"), O_RDWR | O_NONBLOCK);
  // supervise opens it twice; a directory lets itself be read, but not be written.
  if (!files.control_) return trouble(errno == EISDIR ? "write" : "read", shown, files.state_, "control");
  if (!is_fifo(files.control_.get())) return trouble("read", shown, files.state_, "control", ENXIO);
  return files;
}

Result<void> ServiceFiles::announce(const std::string& shown) {
  (void)::mkfifoat(directory_, path("ok").c_str(), 0600);
  ok_ = open_at(directory_, path("ok"), O_RDONLY | O_NONBLOCK);
  if (!ok_) return trouble("read", shown, state_, "ok");
  return {};
}

void ServiceFiles::unlock() const {
  if (lock_) (void)::flock(lock_.get(), LOCK_UN);
}

bool ServiceFiles::lock_again() const { return lock_ && ::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0; }

std::optional<wire::Status> ServiceFiles::read_status() const {
  const Fd file = open_at(directory_, path("status"), O_RDONLY | O_NONBLOCK);
  const auto bytes = file ? os::read_all(file.get(), kStatusBytesMax) : Result<std::string>{Error{"no status"}};
  return bytes ? wire::decode_status(*bytes) : std::nullopt;
}

// The two change places, and then the old one goes: whoever has it open reads on. A rename alone would do, but ext4
// writes a file to the disk at once when it is renamed over another, and frees blocks of it when it goes: a wait for
// the disk with every change of a status.
bool ServiceFiles::put_in_place(const std::string& fresh, const std::string& status) const {
  if (::renameat2(directory_, fresh.c_str(), directory_, status.c_str(), RENAME_EXCHANGE) == 0) {
    if (::unlinkat(directory_, fresh.c_str(), 0) == 0) return true;
    const int code = errno;  // a directory had the name
    (void)::renameat2(directory_, fresh.c_str(), directory_, status.c_str(), RENAME_EXCHANGE);
    errno = code;
    return false;
  }
  return ::renameat(directory_, fresh.c_str(), directory_, status.c_str()) == 0;  // the first, or no exchange here
}

Result<void> ServiceFiles::write_status(const wire::Status& status, const std::string& shown) const {
  const std::string fresh = path("status.new"), bytes = encode(status);
  Fd file = open_at(directory_, fresh, O_WRONLY | O_NONBLOCK | O_TRUNC | O_CREAT, 0644);
  if (!file) return trouble("open", shown, state_, "status.new");
  if (const auto written = os::write_all(file.get(), bytes); !written)
    return trouble("write", shown, state_, "status.new", written.error().code);
  file.reset();
  if (put_in_place(fresh, path("status"))) return {};
  const int code = errno;
  return Error{"unable to rename " + below(shown, fresh) + " to status", code};
}

}  // namespace upkeep::services
