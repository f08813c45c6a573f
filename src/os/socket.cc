#include "os/socket.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "os/socket_file.h"

namespace upkeep::os {
namespace {

constexpr int kStaleSocketsMax = 5;  // found in a row: then somebody else keeps putting them there

Error cannot_open(std::string_view why, int code) {
  return {fmt::format("Cannot open an HTTP server: socket.error reported {}", why), code};
}

Error cannot_open(int code) {
  const char* name = ::strerrorname_np(code);
  return cannot_open(fmt::format("errno.{} ({})", name ? name : "EUNKNOWN", code), code);
}

Error already_listening() {
  return {
      "Another program is already listening on a port that one of our HTTP servers is configured to use.  "
      "Shut this program down first before starting supervisord.",
      EADDRINUSE};
}

std::string user_name(uid_t uid) {
  const passwd* user = ::getpwuid(uid);
  return user ? user->pw_name : std::to_string(uid);
}

Error not_permitted_to_chown(const UnixListen& wanted) {
  const auto number = [](const auto& id) { return id ? static_cast<std::int64_t>(*id) : -1; };
  return {fmt::format("Not permitted to chown {} to uid/gid ({}, {}); adjust \"sockchown\" value in config file or on "
                      "command line to values that the current user ({}) can successfully chown",
                      wanted.path, number(wanted.owner), number(wanted.group), user_name(::geteuid())),
          EPERM};
}

std::optional<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

int connect_to(const Fd& socket, const sockaddr_un& address) {
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

// Clears the way to `path` when a dead socket is in it. To be connectable means that somebody listens, so nothing has
// to be sent and nobody can keep us waiting for an answer.
Result<void> unlink_if_stale(const std::string& path, const std::function<void(const std::string&)>& stale) {
  struct stat before {};
  if (::lstat(path.c_str(), &before) != 0) return errno == ENOENT ? Result<void>{} : cannot_open(errno);
  if (!S_ISSOCK(before.st_mode))
    return Error{"Cannot open an HTTP server: " + path + " exists and is not a socket", EEXIST};
  const auto probe = probe_unix(path);
  if (!probe && probe.error().code == ENOENT) return {};
  if (probe || probe.error().code != ECONNREFUSED) return already_listening();
  stale(path);
  if (socket_at(path) == file_id(before)) ::unlink(path.c_str());
  return {};
}

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

// "localhost" must work without a resolver: statically linked programs have none, minimal systems do not know it. On
// failure `trouble` is getaddrinfo's.
Addresses look_up(const std::string& host, std::uint16_t port, int family, int flags, int& trouble) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  const bool local = host == "localhost";
  hints.ai_flags = AI_NUMERICSERV | flags | (local ? AI_NUMERICHOST : 0);
  const std::string name = local ? "127.0.0.1" : host;
  addrinfo* found = nullptr;
  trouble = ::getaddrinfo(name.empty() ? nullptr : name.c_str(), std::to_string(port).c_str(), &hints, &found);
  return {trouble == 0 ? found : nullptr, &::freeaddrinfo};
}

// The name a socket is bound to before it gets its mode; gone when this goes.
class TemporaryName {
 public:
  explicit TemporaryName(std::string path) : path_(std::move(path)) { remove(); }
  TemporaryName(const TemporaryName&) = delete;
  ~TemporaryName() { remove(); }
  const std::string& path() const { return path_; }

 private:
  void remove() const {
    if (socket_at(path_)) ::unlink(path_.c_str());
  }
  std::string path_;
};

}  // namespace

std::optional<FileId> socket_at(const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return std::nullopt;
  return file_id(file);
}

Result<Fd> listen_unix(const UnixListen& wanted, const std::function<void(const std::string&)>& stale) {
  const std::string temporary = fmt::format("{}.{}", wanted.path, ::getpid());
  const TemporaryName bound{temporary};
  Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return cannot_open(errno);
  // Without a wanted id the file keeps the one it has, as with Supervisor's default of -1.
  switch (const int code = bind_socket_file(socket, temporary, {wanted.mode, wanted.owner, wanted.group})) {
    case 0: break;
    case ENAMETOOLONG: return cannot_open("AF_UNIX path too long", 0);
    case EADDRINUSE: return already_listening();
    case EPERM: return not_permitted_to_chown(wanted);
    default: return cannot_open(code);
  }

  for (int attempt = 0; ::link(temporary.c_str(), wanted.path.c_str()) != 0; ++attempt) {
    if (errno != EEXIST) return cannot_open(errno);
    if (attempt == kStaleSocketsMax) return already_listening();
    TRY(unlink_if_stale(wanted.path, stale));
  }
  if (::listen(socket.get(), kListenBacklog) != 0) {
    const int code = errno;
    ::unlink(wanted.path.c_str());
    return cannot_open(code);
  }
  return socket;
}

Result<Fd> listen_tcp(const std::string& host, std::uint16_t port) {
  int trouble = 0;
  const Addresses addresses = look_up(host, port, AF_INET, AI_PASSIVE, trouble);
  if (!addresses) return trouble == EAI_SYSTEM ? cannot_open(errno) : cannot_open(std::to_string(trouble), 0);
  Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return cannot_open(errno);
  const int on = 1;  // or the connections of the last instance would keep the port for a minute
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), addresses->ai_addr, addresses->ai_addrlen) != 0 ||
      ::listen(socket.get(), kListenBacklog) != 0)
    return errno == EADDRINUSE ? already_listening() : cannot_open(errno);
  return socket;
}

Result<Fd> accept_client(int listener) {
  for (;;) {
    Fd client{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (client) {
      const int on = 1;  // refused by unix sockets, which never delay
      (void)::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return client;
    }
    if (errno != EINTR && errno != ECONNABORTED) return Error::from_errno("accept a client");
  }
}

Result<Fd> probe_unix(const std::string& path) {
  const auto address = unix_address(path);
  if (!address) return Error{"connect to " + path + ": AF_UNIX path too long", ENAMETOOLONG};
  Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return Error::from_errno("make a socket");
  if (const int code = connect_to(socket, *address)) return Error::from_errno("connect to " + path, code);
  return socket;
}

std::optional<pid_t> peer_pid(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0) return std::nullopt;
  return peer.pid;
}

std::optional<pid_t> listener_pid(const std::string& path) {
  const auto probe = probe_unix(path);
  return probe ? peer_pid(probe->get()) : std::nullopt;
}

Result<Fd> connect_unix(const std::string& path) {
  const auto address = unix_address(path);
  if (!address) return Error{"connect to " + path + ": AF_UNIX path too long", ENAMETOOLONG};
  Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket) return Error::from_errno("make a socket");
  if (const int code = connect_to(socket, *address)) return Error::from_errno("connect to " + path, code);
  return socket;
}

Result<Fd> connect_tcp(const std::string& host, std::uint16_t port) {
  const std::string subject = fmt::format("connect to {}:{}", host, port);
  int trouble = 0;
  const Addresses addresses = look_up(host, port, AF_UNSPEC, 0, trouble);
  if (!addresses) return Error{subject + ": " + ::gai_strerror(trouble), 0};
  int code = ECONNREFUSED;
  for (const addrinfo* address = addresses.get(); address; address = address->ai_next) {
    Fd socket{::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (socket && ::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) return socket;
    code = errno;
  }
  return Error::from_errno(subject, code);
}

}  // namespace upkeep::os
