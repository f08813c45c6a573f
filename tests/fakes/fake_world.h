// A World in memory: what a test puts in is all there is. Paths are compared as text; the folders of files exist, and
// so do "/", "/tmp" and the current directory.
#pragma once

#include <fnmatch.h>

#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/world.h"

namespace upkeep {

class FakeWorld : public World {
 public:
  std::map<std::string, std::string> files;
  std::set<std::string> directories{"/", "/tmp"};
  std::map<std::string, FilePermissions> file_permissions;  // others are root's, 0644
  std::set<std::string> unreadable;                         // existing files that cannot be opened
  std::vector<User> users{{"root", 0, 0, "/root", {0}}, {"web", 1000, 100, "/home/web", {100, 101}}};
  std::map<std::string, gid_t> groups{{"root", 0}, {"www", 33}};
  std::vector<std::pair<std::string, std::string>> variables{{"PATH", "/usr/bin:/bin"}, {"HOME", "/home/me"}};
  std::string host = "host.example";
  std::string cwd = "/here";
  uid_t uid = 1000;

  Result<std::string> read_file(const std::string& path) override {
    if (unreadable.contains(path)) return Error::from_errno("open " + path, EACCES);
    if (is_directory(path)) return Error::from_errno("read " + path, EISDIR);
    const auto found = files.find(path);
    if (found == files.end()) return Error::from_errno("open " + path, ENOENT);
    return found->second;
  }
  std::vector<std::string> glob(const std::string& pattern) override {
    std::vector<std::string> found;
    for (const auto& [path, content] : files)
      if (::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD | FNM_NOESCAPE) == 0)
        found.push_back(path);
    return found;
  }
  bool is_directory(const std::string& path) override {
    if (path == cwd || directories.contains(path)) return true;
    const std::string prefix = path + "/";
    const auto below = files.lower_bound(prefix);
    return below != files.end() && below->first.starts_with(prefix);
  }
  bool exists(const std::string& path) override { return files.contains(path) || is_directory(path); }
  bool is_writable_directory(const std::string& path) override { return is_directory(path); }
  std::optional<FilePermissions> permissions(const std::string& path) override {
    const auto found = file_permissions.find(path);
    if (found != file_permissions.end()) return found->second;
    return exists(path) ? std::optional{FilePermissions{0, 0, 0644}} : std::nullopt;
  }
  std::optional<User> user_by_name(const std::string& name) override {
    for (const User& user : users)
      if (user.name == name) return user;
    return std::nullopt;
  }
  std::optional<User> user_by_id(uid_t id) override {
    for (const User& user : users)
      if (user.uid == id) return user;
    return std::nullopt;
  }
  std::optional<gid_t> group_by_name(const std::string& name) override {
    const auto found = groups.find(name);
    if (found == groups.end()) return std::nullopt;
    return found->second;
  }
  std::vector<std::pair<std::string, std::string>> environment() override { return variables; }
  std::string host_name() override { return host; }
  std::string current_directory() override { return cwd; }
  uid_t current_uid() override { return uid; }
};

}  // namespace upkeep
