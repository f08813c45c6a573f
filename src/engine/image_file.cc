#include "engine/image_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <limits.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "os/file.h"

namespace upkeep::engine {
namespace {

constexpr std::string_view kReplaced = " (deleted)";  // what the kernel adds once another file stands at the path

}  // namespace

std::string own_image_path() {
  std::array<char, PATH_MAX> buffer;
  const ssize_t size = ::readlink("/proc/self/exe", buffer.data(), buffer.size());
  std::string path{buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  if (path.ends_with(kReplaced)) path.resize(path.size() - kReplaced.size());
  return path;
}

std::optional<std::string> why_no_image(const struct stat& file, uid_t uid, gid_t gid) {
  if (!S_ISREG(file.st_mode)) return "is no regular file";
  if ((file.st_mode & 0111) == 0) return "is not executable";
  if (file.st_uid != 0 && file.st_uid != uid)
    return fmt::format("belongs to uid {}, who would thereby command what this daemon can (uid {}): chown it",
                       file.st_uid, uid);
  const bool group_may = (file.st_mode & 0020) != 0 && file.st_gid != 0 && file.st_gid != gid;
  if (group_may || (file.st_mode & 0002) != 0)
    return fmt::format("may be written to by others (mode {:04o}): chmod go-w it", file.st_mode & 07777U);
  return std::nullopt;
}

Result<Fd> open_image(const std::string& path) {
  if (!path.starts_with('/')) return Error{"'" + path + "' is no absolute path"};
  // Not blocking: a fifo must not hold us up before it is refused.
  Fd image = TRY(os::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (::fstat(image.get(), &status) != 0) return Error::from_errno("look at " + path);
  if (const auto why = why_no_image(status, ::geteuid(), ::getegid())) return Error{path + " " + *why};
  return image;
}

}  // namespace upkeep::engine
