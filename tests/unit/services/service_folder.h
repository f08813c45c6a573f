// A directory of service directories for tests of this layer.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.h"
#include "fakes/temporary_folder.h"

namespace upkeep::services {

class ServiceFolder {
 public:
  std::string operator/(const std::string& name) const { return folder_ / name; }
  // With a slash at its end: a directory. Else a file of that mode.
  void make(const std::string& name, mode_t mode = 0755) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    if (name.ends_with('/')) return;
    fakes::put(path, "");
    ::chmod(path.c_str(), mode);
  }
  void link(const std::string& target, const std::string& name) const {
    std::filesystem::create_symlink(target, folder_ / name);
  }
  Fd open(const std::string& name = ".") const {
    return Fd{::open((folder_ / name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  }
  mode_t mode(const std::string& name) const {
    struct stat status {};
    return ::lstat((folder_ / name).c_str(), &status) == 0 ? status.st_mode : 0;
  }

 private:
  fakes::TemporaryFolder folder_;
};

}  // namespace upkeep::services
