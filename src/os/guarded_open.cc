#include "os/guarded_open.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace upkeep::os {
namespace {

constexpr int kLinksMax = 40;          // as the kernel
constexpr int kAttempts = 10;          // while somebody removes and creates the same name
constexpr int kNullDevice[] = {1, 3};  // major, minor

bool is_null_device(const struct stat& file) {
  return S_ISCHR(file.st_mode) && file.st_rdev == ::makedev(kNullDevice[0], kNullDevice[1]);
}

bool is_everybodys(const struct stat& folder) { return (folder.st_mode & S_IWOTH) != 0; }

class Walk {
 public:
  Walk(const std::string& path, int flags, mode_t mode) : path_(path), flags_(flags | O_CLOEXEC), mode_(mode) {}

  Result<Fd> run() {
    if (path_.empty()) return failed(ENOENT);
    TRY(start_at(path_.front() == '/' ? "/" : "."));
    push(path_);
    while (!names_.empty()) {
      const std::string name = std::move(names_.back());
      names_.pop_back();
      struct stat found {};
      const bool exists = ::fstatat(folder_.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0;
      const bool is_last = names_.empty();
      if (!exists && !(errno == ENOENT && is_last && (flags_ & O_CREAT))) return failed(errno);
      const bool is_link = exists && S_ISLNK(found.st_mode);
      const bool is_magic = is_link && is_in_proc();  // says nothing about where it leads
      if (is_link && !is_magic) {
        TRY(follow(name, found));
      } else if (is_last) {
        return open_last(name, exists && !is_magic ? &found : nullptr, exists, is_magic);
      } else {
        TRY(descend(name, is_magic));
      }
    }
    return open_last(".", nullptr, true, false);
  }

 private:
  struct Foreign {  // a link that is good only if it leads to what its owner has anyway
    std::string path;
    uid_t owner;
  };

  Error failed(int code) const { return Error::from_errno("open " + path_, code); }
  bool writes() const { return (flags_ & O_ACCMODE) != O_RDONLY; }

  // What is still to be walked, the next name last. A trailing slash asks for a folder, as "." does.
  void push(std::string_view path) {
    std::vector<std::string> names;
    for (std::string& name : split(path, '/'))
      if (!name.empty()) names.push_back(std::move(name));
    if (path.ends_with('/')) names.emplace_back(".");
    names_.insert(names_.end(), names.rbegin(), names.rend());
  }

  Result<void> start_at(const char* folder) {
    folder_ = Fd{::open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    return folder_ ? Result<void>{} : failed(errno);
  }

  Result<void> descend(const std::string& name, bool is_magic) {
    Fd next{::openat(folder_.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | (is_magic ? 0 : O_NOFOLLOW))};
    if (!next) return failed(errno);
    folder_ = std::move(next);
    walked_ += "/" + name;
    return {};
  }

  Result<void> follow(const std::string& name, const struct stat& link) {
    if (++links_ > kLinksMax) return failed(ELOOP);
    std::array<char, PATH_MAX> text;
    const ssize_t size = ::readlinkat(folder_.get(), name.c_str(), text.data(), text.size());
    if (size < 0) return failed(errno);
    if (!TRY(is_trusted(link))) foreign_.push_back({walked_ + "/" + name, link.st_uid});
    const std::string_view target{text.data(), static_cast<std::size_t>(size)};
    push(target);
    if (!target.starts_with('/')) return {};
    walked_.clear();
    return start_at("/");
  }

  Result<bool> is_trusted(const struct stat& link) const {
    if (link.st_uid == 0 || link.st_uid == ::geteuid()) return true;
    struct stat folder {};
    if (::fstat(folder_.get(), &folder) != 0) return failed(errno);
    return ::geteuid() != 0 && !is_everybodys(folder);
  }

  bool is_in_proc() const {
    struct statfs system {};
    return ::fstatfs(folder_.get(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
  }

  // `known` is what was found under the name, if that means anything. Looked at before it is opened, since the open
  // alone may have consequences (a watchdog, a tape), and again afterwards, as it may be another one by then.
  Result<Fd> open_last(const std::string& name, const struct stat* known, bool exists, bool is_magic) {
    const int flags = (flags_ & ~(O_CREAT | O_TRUNC)) | (is_magic ? 0 : O_NOFOLLOW);
    if (known) TRY(check(known));
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (!exists) TRY(check(nullptr));
      Fd file{::openat(folder_.get(), name.c_str(), exists ? flags : flags | O_CREAT | O_EXCL, mode_)};
      const int code = errno;
      if (!file && code == EINTR) continue;
      if (!file && code == (exists ? ENOENT : EEXIST) && (flags_ & O_CREAT)) {
        exists = !exists;
        continue;
      }
      if (!file) return failed(code);
      if (exists) TRY(check_opened(file));
      return file;
    }
    return failed(EAGAIN);
  }

  Result<void> check_opened(const Fd& file) const {
    struct stat opened {};
    if (::fstat(file.get(), &opened) != 0) return failed(errno);
    TRY(check(&opened));
    if ((flags_ & O_TRUNC) && S_ISREG(opened.st_mode) && ::ftruncate(file.get(), 0) != 0) return failed(errno);
    return {};
  }

  // `file` is what the walk has led to; null: it is still to be made.
  Result<void> check(const struct stat* file) const {
    struct stat folder {};
    if (::fstat(folder_.get(), &folder) != 0) return failed(errno);
    for (const Foreign& link : foreign_) {
      const bool gains =
          folder.st_uid != link.owner && !(file && (file->st_uid == link.owner || is_null_device(*file)));
      if (gains)
        return Error{fmt::format("open {}: not through the link {}, which uid {} may lead anywhere (chown -h root {}, "
                                 "if it is meant)",
                                 path_, link.path, link.owner, link.path),
                     EACCES};
    }
    const bool is_strange = file && S_ISREG(file->st_mode) && file->st_uid != ::geteuid() && file->st_uid != 0 &&
                            file->st_uid != folder.st_uid;
    if (writes() && is_strange && is_everybodys(folder) && (folder.st_mode & S_ISVTX))
      return Error{
          fmt::format("open {}: it is a file of uid {} in a folder that everybody may write to", path_, file->st_uid),
          EACCES};
    return {};
  }

  const std::string& path_;
  const int flags_;
  const mode_t mode_;
  Fd folder_;                       // where the walk is
  std::string walked_;              // its name, for messages
  std::vector<std::string> names_;  // still to be walked, the next one last
  std::vector<Foreign> foreign_;
  int links_ = 0;
};

}  // namespace

Result<Fd> open_guarded(const std::string& path, int flags, mode_t mode) { return Walk{path, flags, mode}.run(); }

}  // namespace upkeep::os
