#include "ctl/connection.h"

#include <fmt/core.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace upkeep::ctl {
namespace {

constexpr std::size_t kReceiveBytes = 64 * 1024;

int milliseconds_until(const std::optional<Instant>& until) {
  if (!until) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - monotonic_now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000));
}

// A blocking connect that a full backlog or a silent host cannot hold longer than kConnectTime.
Attempt<Fd> connect_to(int family, const sockaddr* address, socklen_t size) {
  Fd fd{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd) return Failure::socket(errno);
  const timeval limit{std::chrono::duration_cast<std::chrono::seconds>(Connection::kConnectTime).count(), 0};
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(fd.get(), address, size) == 0) return fd;
  if (errno != EINTR) return Failure::socket(errno == EAGAIN || errno == EINPROGRESS ? ETIMEDOUT : errno);
  pollfd ready{fd.get(), POLLOUT, 0};  // interrupted, for example by SIGCONT: the attempt goes on by itself
  while (::poll(&ready, 1, milliseconds_until(monotonic_now() + Connection::kConnectTime)) < 0 && errno == EINTR) {
  }
  int error = 0;
  socklen_t length = sizeof error;
  (void)::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (ready.revents == 0) error = ETIMEDOUT;
  if (error != 0) return Failure::socket(error);
  return fd;
}

Attempt<Fd> connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Failure::other("OSError", "AF_UNIX path too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Attempt<Fd> connect_inet(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  // "localhost" must work without any name service.
  const std::string& name = host == "localhost" ? "127.0.0.1" : host;
  const int error = ::getaddrinfo(name.c_str(), fmt::format("{}", port).c_str(), &wanted, &found);
  if (error != 0) return Failure::other("socket.gaierror", fmt::format("[Errno {}] {}", error, ::gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
  Attempt<Fd> last = Failure::socket(ECONNREFUSED);
  for (const addrinfo* each = found; each; each = each->ai_next) {
    last = connect_to(each->ai_family, each->ai_addr, each->ai_addrlen);
    if (last) break;
  }
  return last;
}

}  // namespace

Attempt<Connection> Connection::open(const Address& address) {
  if (!address.socket_path.empty()) return Connection{TRY(connect_unix(address.socket_path))};
  return Connection{TRY(connect_inet(address.host, address.port))};
}

Attempt<> Connection::wait(short poll_events, const Patience& patience) const {
  pollfd fds[2] = {{fd_.get(), poll_events, 0}, {patience.cancel_fd, POLLIN, 0}};
  for (;;) {
    const int ready = ::poll(fds, 2, milliseconds_until(patience.until));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return Failure::socket(errno);
    if (fds[1].revents != 0) return Failure::cancelled();
    if (ready > 0) return {};
    if (patience.until && monotonic_now() >= *patience.until) return Failure::other("TimeoutError", "timed out");
  }
}

Attempt<> Connection::send(std::string_view bytes, const Patience& patience) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      TRY(wait(POLLOUT, patience));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return Failure::closed();
    } else if (errno != EINTR) {
      return Failure::socket(errno);
    }
  }
  return {};
}

Attempt<std::string> Connection::receive(const Patience& patience) {
  for (;;) {
    std::optional<std::string> bytes = TRY(receive_now());
    if (bytes) return std::move(*bytes);
    TRY(wait(POLLIN, patience));
  }
}

Attempt<std::optional<std::string>> Connection::receive_now() {
  std::string bytes(kReceiveBytes, '\0');
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got >= 0) {
      bytes.resize(static_cast<std::size_t>(got));
      return std::optional{std::move(bytes)};
    }
    if (errno == EAGAIN) return std::optional<std::string>{};
    if (errno == ECONNRESET) return std::optional<std::string>{""};
    if (errno != EINTR) return Failure::socket(errno);
  }
}

}  // namespace upkeep::ctl
