// Which failures only time or an administrator heals. They are no reason to keep a program from running: its log waits
// for better days.
#pragma once

#include <cerrno>

namespace upkeep::logs {

inline bool is_disk_trouble(int error) {
  return error == ENOSPC || error == EDQUOT || error == EROFS || error == EIO || error == ESTALE;
}

}  // namespace upkeep::logs
