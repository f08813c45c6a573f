#include "services/directory_scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace upkeep::services {
namespace {

// Read through a description of its own: positions in a directory belong to the description.
Result<std::vector<std::string>> names_in(int directory) {
  const Error failed{"unable to read directory", 0};
  Fd again{::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!again) return Error{failed.text, errno};
  const std::unique_ptr<DIR, int (*)(DIR*)> stream{::fdopendir(again.get()), ::closedir};
  if (!stream) return Error{failed.text, errno};
  (void)again.release();
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  if (errno != 0) return Error{failed.text, errno};
  std::sort(names.begin(), names.end());
  return names;
}

bool exists(int directory, const std::string& path) {
  struct stat status {};
  return ::fstatat(directory, path.c_str(), &status, 0) == 0;
}

}  // namespace

Result<Scan> scan_directory(int directory) {
  const auto names = TRY(names_in(directory));
  Scan scan;
  std::set<std::pair<dev_t, ino_t>> seen;
  for (const std::string& name : names) {
    struct stat status {};
    if (::fstatat(directory, name.c_str(), &status, 0) != 0) {
      if (errno == ENOENT && ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;  // gone
      scan.troubles.push_back({"unable to stat " + name, errno});
      continue;
    }
    if (!S_ISDIR(status.st_mode) || !seen.emplace(status.st_dev, status.st_ino).second) continue;
    struct stat log {};
    const bool log_is_there = ::fstatat(directory, (name + "/log").c_str(), &log, 0) == 0;
    if (!log_is_there && errno != ENOENT) {
      scan.troubles.push_back({"unable to stat " + name + "/log", errno});
      continue;
    }
    scan.services.push_back({name, os::file_id(status), log_is_there && S_ISDIR(log.st_mode),
                             exists(directory, name + "/run") || exists(directory, name + "/start")});
  }
  return scan;
}

}  // namespace upkeep::services
