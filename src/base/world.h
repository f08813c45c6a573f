// What configuration and spawning ask of the outside: files, users, directories, names. A port, so that parsing stays
// pure and a recovering engine can answer every question from the record of the first load instead of from the disk.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace upkeep {

struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
  std::vector<gid_t> groups;  // primary first, then every group whose member list names the user
};

struct FilePermissions {  // of what a path leads to
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;  // with the type
};

class World {
 public:
  virtual ~World() = default;
  virtual Result<std::string> read_file(const std::string& path) = 0;     // code ENOENT, EISDIR, EACCES ...
  virtual std::vector<std::string> glob(const std::string& pattern) = 0;  // sorted bytewise; * skips dotfiles
  virtual bool is_directory(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual bool is_writable_directory(const std::string& path) = 0;
  virtual std::optional<FilePermissions> permissions(const std::string& path) = 0;  // nullopt: it cannot be looked at
  virtual std::optional<User> user_by_name(const std::string& name) = 0;
  virtual std::optional<User> user_by_id(uid_t uid) = 0;
  virtual std::optional<gid_t> group_by_name(const std::string& name) = 0;
  virtual std::vector<std::pair<std::string, std::string>> environment() = 0;  // of the daemon at its start
  virtual std::string host_name() = 0;                                         // uname nodename
  virtual std::string current_directory() = 0;
  virtual uid_t current_uid() = 0;
};

}  // namespace upkeep
