// The file of a unix socket: who may connect. Its mode is there from the first moment and its owner before anybody can
// be listened to; neither is ever set by a name, which somebody who may write to the folder could lead to another file.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/fd.h"

namespace upkeep::os {

struct SocketFile {
  mode_t mode = 0700;
  std::optional<uid_t> owner;  // none: as it is
  std::optional<gid_t> group;
};

// Binds `socket`, which must be new, to `path`. 0 or errno: ENAMETOOLONG, EADDRINUSE (something has that name), or as
// bind(2) and chown(2) have it; after a failure of the latter the name is gone again.
int bind_socket_file(const Fd& socket, const std::string& path, const SocketFile& file);

}  // namespace upkeep::os
