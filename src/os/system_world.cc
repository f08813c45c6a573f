#include "os/system_world.h"

#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/fd.h"

namespace upkeep::os {
namespace {

constexpr std::size_t kRecordBytesMax = 1 << 20;  // of one entry of the user database
constexpr std::size_t kGroupsMax = 65536;         // that Linux lets one process have

// A path with a NUL inside cannot name anything; the system would see only its first part.
bool is_nameable(const std::string& path) { return path.find('\0') == std::string::npos; }

std::vector<gid_t> groups_of(const passwd& entry) {
  std::vector<gid_t> groups(64);
  for (;;) {
    int count = static_cast<int>(groups.size());
    if (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) >= 0) {
      groups.resize(static_cast<std::size_t>(count));
      break;
    }
    if (groups.size() >= kGroupsMax) break;
    groups.resize(std::max(groups.size() * 2, static_cast<std::size_t>(count)));
  }
  std::vector<gid_t> unique{entry.pw_gid};
  for (const gid_t gid : groups)
    if (std::find(unique.begin(), unique.end(), gid) == unique.end()) unique.push_back(gid);
  return unique;
}

// Calls one of the get..._r functions with a buffer that is large enough. nullopt: no such entry.
template <class Entry, class Look, class Use>
auto look_up(Look look, Use use) -> std::optional<decltype(use(Entry{}))> {
  for (std::vector<char> buffer(1024); buffer.size() <= kRecordBytesMax; buffer.resize(buffer.size() * 4)) {
    Entry entry{};
    Entry* found = nullptr;
    const int error = look(&entry, buffer.data(), buffer.size(), &found);
    if (error == ERANGE) continue;
    if (error == EINTR) continue;
    if (!found) return std::nullopt;
    return use(entry);
  }
  return std::nullopt;
}

User user_from(const passwd& entry) {
  return {entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir, groups_of(entry)};
}

}  // namespace

SystemWorld::SystemWorld() {
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text{*entry};
    const std::size_t equals = text.find('=', 1);  // a name may begin with '='
    if (equals == std::string_view::npos) continue;
    environment_.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
}

Result<std::string> SystemWorld::read_file(const std::string& path) {
  if (!is_nameable(path)) return Error::from_errno("open " + path, ENOENT);
  // Without O_NONBLOCK, a FIFO by that name would block until somebody writes.
  const Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file) return Error::from_errno("open " + path);
  std::string bytes;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Error::from_errno("read " + path);
    if (size == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(size) > kFileBytesMax) return Error::from_errno("read " + path, EFBIG);
    bytes.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

std::vector<std::string> SystemWorld::glob(const std::string& pattern) {
  if (!is_nameable(pattern)) return {};
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_NOESCAPE | GLOB_NOSORT, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool SystemWorld::is_directory(const std::string& path) {
  struct stat status {};
  return is_nameable(path) && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool SystemWorld::exists(const std::string& path) {
  struct stat status {};
  return is_nameable(path) && ::stat(path.c_str(), &status) == 0;
}

bool SystemWorld::is_writable_directory(const std::string& path) {
  return is_directory(path) && ::faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
}

std::optional<FilePermissions> SystemWorld::permissions(const std::string& path) {
  struct stat found {};
  if (!is_nameable(path) || ::stat(path.c_str(), &found) != 0) return std::nullopt;
  return FilePermissions{found.st_uid, found.st_gid, found.st_mode};
}

std::optional<User> SystemWorld::user_by_name(const std::string& name) {
  if (!is_nameable(name)) return std::nullopt;
  return look_up<passwd>([&](auto... rest) { return ::getpwnam_r(name.c_str(), rest...); }, user_from);
}

std::optional<User> SystemWorld::user_by_id(uid_t uid) {
  return look_up<passwd>([&](auto... rest) { return ::getpwuid_r(uid, rest...); }, user_from);
}

std::optional<gid_t> SystemWorld::group_by_name(const std::string& name) {
  if (!is_nameable(name)) return std::nullopt;
  return look_up<group>([&](auto... rest) { return ::getgrnam_r(name.c_str(), rest...); },
                        [](const group& entry) { return entry.gr_gid; });
}

std::vector<std::pair<std::string, std::string>> SystemWorld::environment() { return environment_; }

std::string SystemWorld::host_name() {
  utsname name{};
  return ::uname(&name) == 0 ? name.nodename : "";
}

std::string SystemWorld::current_directory() {
  std::array<char, 4096> buffer;
  return ::getcwd(buffer.data(), buffer.size()) ? buffer.data() : "/";
}

uid_t SystemWorld::current_uid() { return ::geteuid(); }

}  // namespace upkeep::os
