// The files of the unix sockets: noticed when they go, made anew.
#include <fmt/core.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <limits>
#include <utility>

#include "os/socket.h"
#include "rpc/servers.h"

namespace upkeep::rpc {
namespace {

constexpr int kAll = std::numeric_limits<int>::max();

// What will not change before something happens to the names; anything else is tried again.
bool will_be_told(int code) {
  return code == ENOENT || code == ENOTDIR || code == EACCES || code == EPERM || code == EEXIST || code == EADDRINUSE;
}

}  // namespace

// An engine that took the sockets back does not know yet whether their files are still there.
void Servers::watch_files() {
  std::vector<os::NameWatch::Name> names;
  for (const Listener& listener : listeners_)
    if (!listener.path.empty()) names.push_back({listener.path, listener.is_lost});
  names_.watch(names);
  for (const Listener& each : listeners_) {
    if (each.path.empty() || each.paused) continue;
    const bool is_as_seen =
        each.is_lost ? os::place_of(each.path) == each.tried_at : each.file && os::socket_at(each.path) == each.file;
    if (!is_as_seen) names_.look_soon();  // also for what happened just before it was watched
  }
}

void Servers::look_at_files() {
  for (Listener& listener : listeners_) {
    if (listener.path.empty()) continue;
    const auto present = os::socket_at(listener.path);
    if (!listener.file && present && leads_to(listener)) listener.file = present;
    if (present && present == listener.file) {
      listener.is_lost = false;
    } else {
      restore(listener);
    }
  }
  watch_files();
}

// Whether who connects by the path arrives at the listener, found out by doing so. True where that cannot be found out.
bool Servers::leads_to(Listener& listener) {
  const auto probe = os::probe_unix(listener.path);
  if (!probe) return probe.error().code != ENOENT && probe.error().code != ECONNREFUSED;
  for (;;) {
    auto client = os::accept_client(listener.socket.get());
    if (!client) return client.error().code != EAGAIN;
    if (os::peer_pid(client->get()) == ::getpid()) return true;
    add_client(listener, std::move(*client));
  }
}

// Nobody can have come to the old socket since it lost its name, so it is given up once it was emptied.
void Servers::restore(Listener& listener) {
  accept_clients(listener, kAll);
  if (listener.paused) return;
  const bool is_known = std::exchange(listener.is_lost, true);
  listener.tried_at = os::place_of(listener.path);
  auto socket = listener.listen();
  if (!socket) {
    const Error& error = socket.error();
    const auto holder = os::listener_pid(listener.path);
    if (!is_known)
      log_(LogLevel::Critical,
           holder ? fmt::format(
                        "the socket {} is another's now: pid {} listens there. It is left alone, and nobody reaches "
                        "this daemon by that name until it is gone",
                        listener.path, *holder)
                  : fmt::format("the socket {} is gone and cannot be made anew: {}", listener.path, error.text));
    if (!will_be_told(error.code)) names_.look_soon();
    return;
  }
  auto watch = loop_.watch(socket->get(), EPOLLIN,
                           [this, &listener](std::uint32_t) { accept_clients(listener, kAcceptsPerTurn); });
  if (!watch) return names_.look_soon();
  deposits_->deposit(listener.deposit, *socket);
  listener.watch = std::move(*watch);
  listener.socket = std::move(*socket);
  listener.file = os::socket_at(listener.path);
  listener.is_lost = false;
  log_(LogLevel::Warn, fmt::format("the socket {} had been removed and was made anew", listener.path));
}

}  // namespace upkeep::rpc
