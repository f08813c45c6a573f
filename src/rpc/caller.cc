#include "rpc/caller.h"

#include <sys/socket.h>

namespace upkeep::rpc {

Caller caller_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 || address.ss_family != AF_UNIX)
    return {};
  ucred who{};
  size = sizeof who;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return {};
  return {who.uid};
}

}  // namespace upkeep::rpc
