#include "rpc/servers.h"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "os/socket.h"
#include "os/system_world.h"

namespace upkeep::rpc {
namespace {

// The lowest free number is what a new descriptor gets, so a high one means that few are left.
bool leaves_spare_descriptors(int fd) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return true;
  const auto spare = std::min<rlim_t>(kSpareDescriptorsMin, limit.rlim_cur / 4);
  return static_cast<rlim_t>(fd) + spare < limit.rlim_cur;
}

}  // namespace

Servers::Servers(os::Loop& loop, engine::Control& control, Log log, const Limits& limits)
    : loop_(loop), log_(log), site_(loop, control, std::move(log)), names_(loop, [this] { look_at_files(); }) {
  traffic_.limits = limits;
  loop_.add_clockwork(*this);
}

Servers::~Servers() { loop_.remove_clockwork(*this); }

Result<void> Servers::open(const config::Config& config, engine::Deposits& deposits) {
  std::vector<std::string> namespaces;
  for (const config::RpcInterface& interface : config.rpc_interfaces) namespaces.push_back(interface.name);
  site_.api().publish(namespaces);
  auto opened = open_all(config, deposits);
  if (!opened) {
    close(deposits);
    return opened;
  }
  deposits_ = &deposits;
  watch_files();
  return {};
}

Result<void> Servers::open_all(const config::Config& config, engine::Deposits& deposits) {
  for (const config::InetServer& server : config.inet_servers) {
    const auto listen = [host = server.host, port = static_cast<std::uint16_t>(server.port)] {
      return os::listen_tcp(host, port);
    };
    SiteNames names{!server.credentials, {lower(server.host), lower(os::SystemWorld{}.host_name())}};
    for (const std::string& name : server.host_names) names.names.push_back(lower(name));
    TRY(open_server(server.section, server.credentials, {}, std::move(names), listen, config, deposits));
  }
  for (const config::UnixServer& server : config.unix_servers) {
    const auto listen = [wanted = os::UnixListen{server.path, server.mode, server.owner, server.group}] {
      return os::listen_unix(wanted, [](const std::string& path) {
        std::fputs(fmt::format("Unlinking stale socket {}\n", path).c_str(), stderr);
      });
    };
    TRY(open_server(server.section, server.credentials, server.path, {}, listen, config, deposits));
  }
  return {};
}

Result<void> Servers::open_server(const std::string& section, const std::optional<config::Credentials>& credentials,
                                  std::string path, SiteNames names, const std::function<Result<Fd>()>& listen,
                                  const config::Config& config, engine::Deposits& deposits) {
  const std::string deposit = "listen:" + section;
  Fd socket = deposits.take(deposit);
  const bool is_new = !socket;
  if (is_new) {
    socket = TRY(listen());
    deposits.deposit(deposit, socket);
  }
  Listener& listener = listeners_.emplace_back();
  listener.deposit = deposit;
  if (!path.empty() && is_new) listener.file = os::socket_at(path);
  listener.path = std::move(path);
  listener.socket = std::move(socket);
  listener.listen = listen;
  listener.serve = [this, credentials, names = std::move(names)](const wire::HttpRequest& request, const Caller& caller,
                                                                 Respond respond) {
    site_.serve(request, caller, credentials, names, std::move(respond));
  };
  listener.watch = TRY(loop_.watch(listener.socket.get(), EPOLLIN,
                                   [this, &listener](std::uint32_t) { accept_clients(listener, kAcceptsPerTurn); }));
  if (!is_new) return {};
  for (const config::RpcInterface& interface : config.rpc_interfaces)
    log_(LogLevel::Info, fmt::format("RPC interface '{}' initialized", interface.name));
  if (!credentials)
    log_(LogLevel::Critical, fmt::format("Server '{}' running without any HTTP authentication checking", section));
  return {};
}

void Servers::close(engine::Deposits& deposits) {
  clients_.clear();
  deadlines_.clear();
  deadline_of_.clear();
  for (const Listener& listener : listeners_) {
    if (listener.file && os::socket_at(listener.path) == listener.file) ::unlink(listener.path.c_str());
    deposits.discard(listener.deposit);
  }
  listeners_.clear();
  names_.watch({});
  deposits_ = nullptr;
}

// --- accepting

void Servers::accept_clients(Listener& listener, int most) {
  for (int i = 0; i < most && !listener.paused; ++i) {
    auto socket = os::accept_client(listener.socket.get());
    if (!socket) {
      if (socket.error().code != EAGAIN) pause(listener, loop_.now() + traffic_.limits.accept_pause);
      return;
    }
    const bool spare = leaves_spare_descriptors(socket->get());
    add_client(listener, std::move(*socket));
    if (listener.connections >= traffic_.limits.connections || !spare) pause(listener, std::nullopt);
  }
}

void Servers::add_client(Listener& listener, Fd socket) {
  const std::uint64_t id = next_id_++;
  ConnectionOwner& owner = *this;
  auto connection = std::make_shared<Connection>(id, std::move(socket), listener.serve, loop_, traffic_, owner);
  clients_.emplace(id, Client{connection, &listener});
  ++listener.connections;
  if (auto started = connection->start(); !started) ended(*connection);
}

void Servers::pause(Listener& listener, std::optional<Instant> resume_at) {
  listener.paused = true;
  listener.resume_at = resume_at;
  listener.watch.set_interest(0);
}

void Servers::resume(Listener& listener) {
  listener.paused = false;
  listener.resume_at.reset();
  listener.watch.set_interest(EPOLLIN);
  if (!listener.path.empty()) names_.look_soon();  // a file is not made anew before those who wait were accepted
}

// --- connections and deadlines

void Servers::deadline_changed(const Connection& connection) {
  const std::uint64_t id = connection.id();
  if (const auto known = deadline_of_.find(id); known != deadline_of_.end()) {
    deadlines_.erase({known->second, id});
    deadline_of_.erase(known);
  }
  if (const auto deadline = connection.deadline()) {
    deadlines_.emplace(*deadline, id);
    deadline_of_.emplace(id, *deadline);
  }
}

void Servers::ended(const Connection& connection) {
  const auto found = clients_.find(connection.id());
  if (found == clients_.end()) return;
  deadline_changed(connection);
  Listener& listener = *found->second.listener;
  clients_.erase(found);
  --listener.connections;
  if (listener.paused) resume(listener);
}

std::optional<Instant> Servers::next_deadline() const {
  std::optional<Instant> next;
  if (!deadlines_.empty()) next = deadlines_.begin()->first;
  for (const Listener& listener : listeners_)
    if (listener.resume_at && (!next || *listener.resume_at < *next)) next = listener.resume_at;
  return next;
}

void Servers::on_time(Instant now) {
  for (Listener& listener : listeners_)
    if (listener.resume_at && *listener.resume_at <= now) resume(listener);
  std::vector<std::shared_ptr<Connection>> due;
  for (const auto& [deadline, id] : deadlines_) {
    if (deadline > now) break;
    due.push_back(clients_.at(id).connection);
  }
  for (const auto& connection : due) connection->on_time();
}

}  // namespace upkeep::rpc
