// Stream sockets of servers and clients: listening on a unix path or a TCP port, accepting, connecting. Every
// descriptor is close-on-exec; accepted ones are also non-blocking.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "os/file.h"

namespace upkeep::os {

inline constexpr int kListenBacklog = 1024;

struct UnixListen {
  std::string path;  // absolute
  mode_t mode = 0700;
  std::optional<uid_t> owner;
  std::optional<gid_t> group;
};

// A socket listening at `path`, as Supervisor makes it (http.py supervisor_af_unix_http_server): bound to "PATH.PID",
// given its mode and owner, then hard-linked to PATH, so that PATH never has looser permissions than asked for.
//
// A socket at PATH that nobody listens on is unlinked, after `stale` has been told. A live one, and anything that is
// not a socket, is an error and stays. Errors carry Supervisor's texts ("Another program is already listening ...",
// "Cannot open an HTTP server: socket.error reported errno.ENOENT (2)", "Not permitted to chown ...").
Result<Fd> listen_unix(const UnixListen& wanted, const std::function<void(const std::string& path)>& stale);

// A socket listening on TCP over IPv4. `host` is empty for all interfaces, "localhost", a number, or a name to look up.
// Errors carry Supervisor's texts, as above; a name that cannot be found has getaddrinfo's (negative) number in it.
Result<Fd> listen_tcp(const std::string& host, std::uint16_t port);

// The next waiting client, non-blocking, without Nagle's delay. Code EAGAIN: none; EMFILE, ENFILE, ENOBUFS, ENOMEM: out
// of means for now.
Result<Fd> accept_client(int listener);

// Connects without waiting, to see who is there. Code ENOENT, ECONNREFUSED: nobody; EAGAIN, EACCES: somebody may be.
Result<Fd> probe_unix(const std::string& path);
// The process at the other end of a unix socket, or that made it listen. nullopt: none of this pid namespace.
std::optional<pid_t> peer_pid(int fd);
std::optional<pid_t> listener_pid(const std::string& path);  // that listens there; nullopt: nobody

// Blocking sockets, for clients. `host` is "localhost", an IPv4 or IPv6 number, or a name to look up.
Result<Fd> connect_unix(const std::string& path);
Result<Fd> connect_tcp(const std::string& host, std::uint16_t port);

// Tells a socket's file from another one that took its place; nullopt: no socket there.
std::optional<FileId> socket_at(const std::string& path);

}  // namespace upkeep::os
