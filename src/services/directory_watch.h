// Tells when something happens in directories, by inotify. Without it (a limit is reached, or the kernel refuses) the
// owner has to look now and then.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "base/fd.h"
#include "os/loop.h"

namespace upkeep::services {

class DirectoryWatch {
 public:
  // Null: there is no inotify to be had. `changed` is called once for any number of changes.
  static std::unique_ptr<DirectoryWatch> make(os::Loop& loop, std::function<void()> changed);

  // Entries that come, go, are renamed or change their mode. False: it cannot be watched.
  bool add(int directory);
  bool add(const std::string& path);

 private:
  DirectoryWatch(Fd inotify, std::function<void()> changed)
      : inotify_(std::move(inotify)), changed_(std::move(changed)) {}
  void read();

  Fd inotify_;
  std::function<void()> changed_;
  os::Watch watch_;
};

}  // namespace upkeep::services
