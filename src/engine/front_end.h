// What the engine asks of the servers that clients talk to. Implemented by rpc; owned by app.
#pragma once

#include <functional>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "config/model.h"

namespace upkeep::engine {

// Descriptors that outlive the engine, kept by the keeper under a name ("listen:unix_http_server").
class Deposits {
 public:
  virtual ~Deposits() = default;
  virtual void deposit(const std::string& name, const Fd& fd) = 0;  // a duplicate is kept; replaces what had the name
  virtual void discard(const std::string& name) = 0;
  virtual Fd take(const std::string& name) = 0;  // a descriptor deposited before this engine started; empty: none
};

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
