// The servers of a configuration: listening sockets, the connections they accept, and the deadlines of all of them.
//
// Listening sockets are deposited with the keeper, so that clients can connect while an engine is being replaced; a
// new engine takes them back and goes on as if nothing had happened: no log lines, no stale-socket probe.
//
// The file of a unix socket that somebody removes, moves away or replaces is made anew, after everybody who was
// connected to the old one has been accepted. Another daemon's socket that listens there by now is left alone, and the
// log says whose.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/control.h"
#include "engine/front_end.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/name_watch.h"
#include "rpc/connection.h"
#include "rpc/site.h"

namespace upkeep::rpc {

inline constexpr int kAcceptsPerTurn = 64;
inline constexpr int kSpareDescriptorsMin = 256;  // kept free for programs and logs, or a quarter of the limit if less

class Servers : public engine::FrontEnd, private os::Clockwork, private ConnectionOwner {
 public:
  Servers(os::Loop& loop, engine::Control& control, Log log, const Limits& limits = {});
  Servers(const Servers&) = delete;
  ~Servers() override;

  Result<void> open(const config::Config& config, engine::Deposits& deposits) override;
  void close(engine::Deposits& deposits) override;  // connections are closed too

 private:
  struct Listener {
    std::string deposit;             // the name it has at the keeper
    std::string path;                // empty: a TCP port
    std::optional<os::FileId> file;  // what was at the path when it was opened; none: that is to be found out
    bool is_lost = false;            // something else or nothing is there, and the log knows
    os::Place tried_at;              // lost: what was there when it was last tried to make it anew
    Fd socket;
    std::function<Result<Fd>()> listen;  // anew
    Serve serve;
    os::Watch watch;
    std::size_t connections = 0;
    bool paused = false;
    std::optional<Instant> resume_at;  // paused for want of means
  };
  struct Client {
    std::shared_ptr<Connection> connection;
    Listener* listener;
  };

  Result<void> open_all(const config::Config& config, engine::Deposits& deposits);
  // Takes the section's socket from the deposits, else listens anew.
  Result<void> open_server(const std::string& section, const std::optional<config::Credentials>& credentials,
                           std::string path, SiteNames names, const std::function<Result<Fd>()>& listen,
                           const config::Config& config, engine::Deposits& deposits);
  void accept_clients(Listener& listener, int most);
  void watch_files();
  void look_at_files();
  bool leads_to(Listener& listener);
  void restore(Listener& listener);
  void add_client(Listener& listener, Fd socket);
  void pause(Listener& listener, std::optional<Instant> resume_at);
  void resume(Listener& listener);

  std::optional<Instant> next_deadline() const override;
  void on_time(Instant now) override;
  void deadline_changed(const Connection& connection) override;
  void ended(const Connection& connection) override;

  os::Loop& loop_;
  Log log_;
  Site site_;
  Traffic traffic_;
  engine::Deposits* deposits_ = nullptr;  // while open
  os::NameWatch names_;
  std::list<Listener> listeners_;  // a list: clients and callbacks point into it
  std::map<std::uint64_t, Client> clients_;
  std::map<std::uint64_t, Instant> deadline_of_;
  std::set<std::pair<Instant, std::uint64_t>> deadlines_;
  std::uint64_t next_id_ = 1;
};

}  // namespace upkeep::rpc
