// The directory a tool was started in: tools that go through service directories change into each and come back.
#pragma once

#include <unistd.h>

#include <optional>
#include <string_view>

#include "base/fd.h"
#include "daemontools/complaint.h"
#include "daemontools/opening.h"

namespace upkeep::daemontools {

class StartingDirectory {
 public:
  // None: it cannot be opened; errno tells why.
  static std::optional<StartingDirectory> open() {
    StartingDirectory here;
    here.fd_ = open_read(".");
    if (!here.fd_) return std::nullopt;
    return here;
  }
  bool come_back() const { return ::fchdir(fd_.get()) == 0; }  // false: errno tells why

 private:
  Fd fd_;
};

}  // namespace upkeep::daemontools
