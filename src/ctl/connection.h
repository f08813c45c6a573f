// One connection to the server: blocking with a deadline, and breakable by Ctrl-C where the caller wants that.
//
// While the daemon's engine restarts, its listening socket stays open: connecting succeeds and the answer is late.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/time.h"
#include "ctl/failure.h"
#include "ctl/target.h"

namespace upkeep::ctl {

// How long to wait, and for what other than the server.
struct Patience {
  std::optional<Instant> until;  // nullopt: for ever
  int cancel_fd = -1;            // borrowed; readable means: give up (Kind::Cancelled)
};

class Connection {
 public:
  static constexpr Duration kConnectTime = std::chrono::seconds{10};  // also the wait for room in a full backlog

  static Attempt<Connection> open(const Address& address);

  int fd() const { return fd_.get(); }
  Attempt<> send(std::string_view bytes, const Patience& patience);
  // What has arrived, waiting until there is something. Empty: the server closed the connection.
  Attempt<std::string> receive(const Patience& patience);
  // As receive, without waiting; nullopt: nothing has arrived.
  Attempt<std::optional<std::string>> receive_now();

 private:
  explicit Connection(Fd fd) : fd_(std::move(fd)) {}
  Attempt<> wait(short poll_events, const Patience& patience) const;
  Fd fd_;
};

}  // namespace upkeep::ctl
