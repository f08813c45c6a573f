// Descriptors that outlive the engine, kept by the keeper under a name ("listen:unix_http_server").
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace upkeep::engine {

class Deposits {
 public:
  virtual ~Deposits() = default;
  virtual void deposit(const std::string& name, const Fd& fd) = 0;  // a duplicate is kept; replaces what had the name
  virtual void discard(const std::string& name) = 0;
  virtual Fd take(const std::string& name) = 0;        // a descriptor deposited before this engine started; empty: none
  virtual std::vector<std::string> names() const = 0;  // of all that is deposited now
};

// Bytes as a sealed memfd.
Result<void> deposit_bytes(const std::string& name, const std::string& bytes, Deposits& deposits);
// Error: nothing is deposited under that name (code ENOENT), or it cannot be read.
Result<std::string> deposited_bytes(const std::string& name, Deposits& deposits);

}  // namespace upkeep::engine
