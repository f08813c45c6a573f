#include "logs/file_sink.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/rotation.h"
#include "logs/rotate_file.h"
#include "os/guarded_open.h"

namespace upkeep::logs {
namespace {

constexpr std::size_t kDropBytes = 64u << 10;
constexpr int kNullDevice[] = {1, 3};  // major, minor (Documentation/admin-guide/devices.txt)

std::string describe(int code) {
  const char* text = ::strerrordesc_np(code);
  return text ? text : "errno " + std::to_string(code);
}

bool is_null_device(const struct stat& status) {
  return S_ISCHR(status.st_mode) && status.st_rdev == ::makedev(kNullDevice[0], kNullDevice[1]);
}

std::size_t waiting_in(int source) {
  int bytes = 0;
  return ::ioctl(source, FIONREAD, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

// From a pipe to offset `end` of the file, or to the file from the place where a memfd stands. Advances `end`.
ssize_t splice_to(int file, off_t& end, int source, std::size_t most) {
  for (;;) {
    ssize_t moved = ::splice(source, nullptr, file, &end, most, SPLICE_F_NONBLOCK);
    if (moved < 0 && errno == EINVAL && ::lseek(file, end, SEEK_SET) >= 0) {
      moved = ::sendfile(file, source, nullptr, most);  // it has no offset of its own for the file
      if (moved > 0) end += moved;
    }
    if (moved < 0 && errno == EINTR) continue;
    return moved;
  }
}

}  // namespace

FileSink::FileSink(std::string path, FileSettings settings, TroubleReport report, Clock clock)
    : path_(std::move(path)),
      settings_(settings),
      report_(std::move(report)),
      losses_(path_, report_),
      name_trouble_(path_, report_),
      clock_(std::move(clock)),
      rotate_at_(settings.max_bytes) {}

FileSink::~FileSink() {
  if (moved_) moved_(id_, {});
}

Result<std::shared_ptr<FileSink>> FileSink::open(std::string path, FileSettings settings, TroubleReport report,
                                                 Clock clock) {
  auto sink = std::make_shared<FileSink>(std::move(path), settings, std::move(report), std::move(clock));
  TRY(sink->open());
  return sink;
}

Result<void> FileSink::open() { return open_by_name(0); }

Result<void> FileSink::open_or_report() {
  auto opened = open();
  if (!opened) say_name_trouble(opened.error());
  return opened;
}

Result<void> FileSink::open_by_name(int more_flags) {
  struct stat status {};
  const bool is_special = ::stat(path_.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  const int access = is_special && S_ISFIFO(status.st_mode) ? O_RDWR : O_WRONLY;
  auto file = os::open_guarded(path_, access | O_CREAT | O_NONBLOCK | O_NOCTTY | more_flags, settings_.mode);
  if (file && ::fstat(file->get(), &status) != 0) file = Error::from_errno("look at " + path_);
  const os::FileId before = id_;
  if (!file) {
    last_failure_ = file.error().code;
    next_attempt_ = clock_() + kOpenAgainAfter;
    drop_nameless();
    strayed_ = is_open();
    if (moved_ && !(before == id_)) moved_(before, id_);
    return std::move(file).error();
  }
  kind_ = S_ISREG(status.st_mode) ? Kind::Regular : is_null_device(status) ? Kind::Null : Kind::Special;
  id_ = os::file_id(status);
  file_ = std::move(*file);
  rotate_at_ = settings_.max_bytes;
  removed_ = false;
  if (moved_) moved_(before, id_);
  if (std::exchange(strayed_, false)) name_trouble_.end();
  return {};
}

void FileSink::drop_nameless() {
  struct stat status {};
  if (file_ && ::fstat(file_.get(), &status) == 0 && status.st_nlink > 0) return;
  file_.reset();
  id_ = {};
}

// What open_guarded() says beside an errno names what is in the way.
void FileSink::say_name_trouble(const Error& error) {
  const std::string known = "open " + path_ + ": ";
  const std::string why = error.text.starts_with(known) ? error.text.substr(known.size()) : error.text;
  if (!is_open()) return losses_.add(0, why);
  name_trouble_.add(0, "cannot be opened anew, so what was open before is written on: " + why);
}

bool FileSink::ready() {
  if (file_ && !strayed_) return true;
  if (clock_() >= next_attempt_) (void)open();
  if (file_) return true;
  errno = last_failure_;
  return false;
}

// Whether the file system that the file is on was taken from above its name (umount -l), or another one mounted over
// it. A file that was merely renamed is none of this: whoever rotates logs that way tells us when to follow.
bool FileSink::is_left_behind() {
  if (clock_() < next_attempt_) return false;
  next_attempt_ = clock_() + kOpenAgainAfter;
  struct stat folder {
  }, named{};
  const auto slash = path_.rfind('/');
  const std::string folder_path = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
  if (::stat(folder_path.c_str(), &folder) != 0 || folder.st_dev == id_.device) return false;
  const bool is_linked_to = ::stat(path_.c_str(), &named) == 0 && os::file_id(named) == id_;
  return !is_linked_to;
}

std::optional<off_t> FileSink::place_to_write() {
  struct stat status {};
  if (!ready() || ::fstat(file_.get(), &status) != 0) return std::nullopt;
  if (kind_ != Kind::Regular) return 0;
  const bool is_found = removed_ || (status.st_nlink > 0 && !is_left_behind());
  if (is_found) return status.st_size;
  (void)open();
  if (!ready() || ::fstat(file_.get(), &status) != 0) return std::nullopt;
  return kind_ == Kind::Regular ? status.st_size : 0;
}

void FileSink::write(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto end = place_to_write();
  if (!end) return losses_.add(bytes.size(), describe(errno));
  const std::size_t wrote = write_at(*end, bytes);
  const int why = errno;
  rotate_if_due(*end + static_cast<off_t>(wrote));
  if (wrote < bytes.size()) return losses_.add(bytes.size() - wrote, describe(why));
  losses_.end();
}

// Returns what went in; when that is not all, errno says why.
std::size_t FileSink::write_at(off_t end, std::string_view bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::string_view rest = bytes.substr(done);
    const ssize_t wrote = kind_ == Kind::Regular
                              ? ::pwrite(file_.get(), rest.data(), rest.size(), end + static_cast<off_t>(done))
                              : ::write(file_.get(), rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  return done;
}

Result<std::size_t> FileSink::splice_from(int source, std::size_t most) {
  auto end = place_to_write();
  if (!end) return lose_from(source, most, errno);
  if (kind_ == Kind::Special) return Error{"splice to " + path_, EINVAL};  // its EAGAIN would look like an empty pipe
  // On a nearly full disk a part may go in each time: only a whole chunk counts as recovery.
  const std::size_t whole = losses_.failing() ? std::min(waiting_in(source), most) : 0;
  const ssize_t moved = splice_to(file_.get(), *end, source, most);
  if (moved < 0 && errno == EAGAIN) return std::size_t{0};
  if (moved < 0 && errno == EINVAL) return Error{"splice to " + path_, EINVAL};  // not on this file system
  if (moved < 0) return lose_from(source, most, errno);
  rotate_if_due(*end);
  const auto size = static_cast<std::size_t>(moved);
  if (size > 0 && size >= whole) losses_.end();
  return size;
}

std::size_t FileSink::lose_from(int source, std::size_t most, int why) {
  std::array<char, kDropBytes> nowhere;
  const ssize_t got = ::read(source, nowhere.data(), std::min(most, nowhere.size()));
  if (got <= 0) return 0;
  losses_.add(static_cast<std::uint64_t>(got), describe(why));
  return static_cast<std::size_t>(got);
}

void FileSink::rotate_if_due(off_t size) {
  if (kind_ != Kind::Regular || strayed_ || !core::is_rotation_due(size, rotate_at_)) return;
  if (const auto rotated = rotate_file(path_, settings_.backups); !rotated) {
    rotate_at_ = size + settings_.max_bytes;  // neither lose the log nor try at every chunk
    return name_trouble_.add(0, "cannot rotate: " + rotated.error().text);
  }
  if (const auto opened = open_by_name(O_TRUNC); !opened) return say_name_trouble(opened.error());
  name_trouble_.end();
}

Result<void> FileSink::remove() {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) return Error::from_errno("look at " + path_);
  if (!S_ISREG(status.st_mode)) return {};
  if (::unlink(path_.c_str()) != 0) return Error::from_errno("remove " + path_);
  removed_ = true;
  return {};
}

}  // namespace upkeep::logs
