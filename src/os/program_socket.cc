#include "os/program_socket.h"

#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "os/socket.h"
#include "os/socket_file.h"

namespace upkeep::os {
namespace {

Error failure(int code) { return {fmt::format("[Errno {}] {}", code, ::strerrordesc_np(code)), code}; }

Result<Fd> bind_unix(const UnixPlace& place) {
  Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket) return failure(errno);
  if (socket_at(place.path)) ::unlink(place.path.c_str());
  const int code = bind_socket_file(socket, place.path, {place.mode, place.owner, place.group});
  if (code == ENAMETOOLONG) return Error{"AF_UNIX path too long", code};
  if (code != 0) return failure(code);
  return socket;
}

Result<Fd> bind_tcp(const TcpPlace& place) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
  const std::string name = place.host == "localhost" ? "127.0.0.1" : place.host;
  addrinfo* found = nullptr;
  if (const int trouble = ::getaddrinfo(name.c_str(), std::to_string(place.port).c_str(), &hints, &found))
    return Error{fmt::format("[Errno {}] {}", trouble, ::gai_strerror(trouble)), 0};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address{found, &::freeaddrinfo};
  Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket) return failure(errno);
  const int on = 1;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), address->ai_addr, address->ai_addrlen) != 0) return failure(errno);
  return socket;
}

}  // namespace

Result<Fd> listen_for_program(const ProgramPlace& place, int backlog) {
  const auto* path = std::get_if<UnixPlace>(&place);
  Fd socket = TRY(path ? bind_unix(*path) : bind_tcp(std::get<TcpPlace>(place)));
  if (::listen(socket.get(), backlog) != 0) return failure(errno);
  return socket;
}

}  // namespace upkeep::os
