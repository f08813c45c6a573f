// What the engine asks of the servers that clients talk to. Implemented by rpc; owned by app.
#pragma once

#include "base/result.h"
#include "config/model.h"
#include "engine/deposits.h"

namespace upkeep::engine {

class FrontEnd {
 public:
  virtual ~FrontEnd() = default;
  // Opens what `config` names, or takes the listening sockets back from the deposits. Error: Supervisor's text
  // ("Another program is already listening ..."), which ends a cold start with exit status 2.
  virtual Result<void> open(const config::Config& config, Deposits& deposits) = 0;
  // Orderly end: closes everything and unlinks the socket files that were opened.
  virtual void close(Deposits& deposits) = 0;
};

}  // namespace upkeep::engine
