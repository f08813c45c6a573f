// Who is at the other end of a connection, as far as the kernel tells.
#pragma once

#include <sys/types.h>

#include <optional>

namespace upkeep::rpc {

struct Caller {
  std::optional<uid_t> local_uid{};  // effective user at the time of connect(), over a unix socket; nullopt: TCP
};

Caller caller_of(int socket);

}  // namespace upkeep::rpc
