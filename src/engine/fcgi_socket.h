// The socket that the processes of an [fcgi-program] share as descriptor 0 (Supervisor socket_manager.py): there while
// at least one of them runs or starts. It is a deposit of the keeper's, so that its queue of connections outlives the
// engine.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "base/log_level.h"
#include "config/model.h"
#include "engine/deposits.h"

namespace upkeep::engine {

class FcgiSocket {
 public:
  using LogLine = std::function<void(LogLevel, const std::string&)>;
  FcgiSocket(const config::FcgiSocket& config, const std::string& group, Deposits& deposits, LogLine log);

  // Opens and closes it again, when the group is added. Error: "Could not create FastCGI socket URL: REASON".
  Result<void> test();
  // For the start of a process: the socket, opened if it is the first. Error: as above.
  Result<Fd> acquire(const std::string& slot);
  // The process ended or could not start: closed if it was the last. The file of a unix socket stays.
  void release(const std::string& slot);
  // Recovery: this process has it.
  void resume(const std::string& slot);

 private:
  Result<Fd> open() const;

  const config::FcgiSocket& config_;
  const std::string deposit_;
  Deposits& deposits_;
  LogLine log_;
  Fd socket_;
  std::set<std::string> users_;
};

}  // namespace upkeep::engine
