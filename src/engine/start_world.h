// The world as seen from where the daemon was started: a relative path means what it meant then, wherever the daemon
// has moved since. Everything else is asked of the world as it is now.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/world.h"

namespace upkeep::engine {

class StartWorld : public World {
 public:
  // Borrows `inner`. An empty directory changes nothing.
  StartWorld(World& inner, std::string directory) : inner_(inner), directory_(std::move(directory)) {}

  Result<std::string> read_file(const std::string& path) override { return inner_.read_file(anchored(path)); }
  std::vector<std::string> glob(const std::string& pattern) override { return inner_.glob(anchored(pattern)); }
  bool is_directory(const std::string& path) override { return inner_.is_directory(anchored(path)); }
  bool exists(const std::string& path) override { return inner_.exists(anchored(path)); }
  bool is_writable_directory(const std::string& path) override { return inner_.is_writable_directory(anchored(path)); }
  std::optional<FilePermissions> permissions(const std::string& path) override {
    return inner_.permissions(anchored(path));
  }
  std::optional<User> user_by_name(const std::string& name) override { return inner_.user_by_name(name); }
  std::optional<User> user_by_id(uid_t uid) override { return inner_.user_by_id(uid); }
  std::optional<gid_t> group_by_name(const std::string& name) override { return inner_.group_by_name(name); }
  std::vector<std::pair<std::string, std::string>> environment() override { return inner_.environment(); }
  std::string host_name() override { return inner_.host_name(); }
  std::string current_directory() override { return directory_.empty() ? inner_.current_directory() : directory_; }
  uid_t current_uid() override { return inner_.current_uid(); }

 private:
  std::string anchored(const std::string& path) const {
    return directory_.empty() || path.empty() || path.front() == '/' ? path : directory_ + "/" + path;
  }

  World& inner_;
  std::string directory_;
};

}  // namespace upkeep::engine
