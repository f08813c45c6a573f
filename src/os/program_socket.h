// A listening socket for programs to accept on, such as the responders of an [fcgi-program]: blocking, since they
// inherit its description, and unlike a server's own it replaces what an earlier run left at its path.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/fd.h"
#include "base/result.h"

namespace upkeep::os {

struct UnixPlace {
  std::string path;  // absolute
  mode_t mode = 0700;
  std::optional<uid_t> owner;
  std::optional<gid_t> group;
};
struct TcpPlace {
  std::string host;  // "localhost", an IPv4 number, or a name to look up
  std::uint16_t port = 0;
};
using ProgramPlace = std::variant<UnixPlace, TcpPlace>;

// Close-on-exec. A socket file at the path is unlinked first, whoever listens there; any other file is an error and
// stays. From bind to chmod nobody but its owner can connect. Errors read as Python's: "[Errno 98] Address already in
// use".
Result<Fd> listen_for_program(const ProgramPlace& place, int backlog);

}  // namespace upkeep::os
