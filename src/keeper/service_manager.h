// What the keeper tells the service manager that started it, by the protocol of sd_notify(3): that it is ready, that it
// is going to end, and which process it is, for that changes when an engine becomes the keeper. NOTIFY_SOCKET names the
// socket; without it nobody is told. The variable stays in the environment: an engine that becomes the keeper needs it,
// and programs inherit it as under Supervisor (NotifyAccess=main makes the manager ignore what they say).
#pragma once

#include <sys/un.h>

#include <string>

#include "base/fd.h"

namespace upkeep::keeper {

class ServiceManager {
 public:
  // `address`: a path, or @NAME for an abstract socket. Null, empty, too long and anything else: there is no manager.
  explicit ServiceManager(const char* address);

  void ready();            // again after each new engine: harmless
  void is_main_process();  // this pid, in the place of a keeper that died
  void stopping();         // told once

  // Whether the manager was too busy to listen. We never block on it: call retry() a little later.
  bool owes() const { return !owed_.empty(); }
  void retry();

 private:
  void tell(const std::string& line);

  Fd socket_;
  sockaddr_un address_{};
  socklen_t address_size_ = 0;
  std::string owed_;  // lines that wait, as one message
  bool is_stopping_ = false;
};

}  // namespace upkeep::keeper
