// The World as the running system answers it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/world.h"

namespace upkeep::os {

class SystemWorld : public World {
 public:
  // At most this much of a configuration file is read; a longer one is EFBIG.
  static constexpr std::size_t kFileBytesMax = 64u << 20;

  SystemWorld();  // takes a copy of the environment, so that later changes are not seen

  Result<std::string> read_file(const std::string& path) override;
  std::vector<std::string> glob(const std::string& pattern) override;
  bool is_directory(const std::string& path) override;
  bool exists(const std::string& path) override;
  bool is_writable_directory(const std::string& path) override;
  std::optional<FilePermissions> permissions(const std::string& path) override;
  std::optional<User> user_by_name(const std::string& name) override;
  std::optional<User> user_by_id(uid_t uid) override;
  std::optional<gid_t> group_by_name(const std::string& name) override;
  std::vector<std::pair<std::string, std::string>> environment() override;
  std::string host_name() override;
  std::string current_directory() override;
  uid_t current_uid() override;

 private:
  std::vector<std::pair<std::string, std::string>> environment_;
};

}  // namespace upkeep::os
