// Who wants to know what the keeper does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "simulation/kernel.h"
#include "wire/keeper_messages.h"

namespace upkeep::simulation {

class Witness {
 public:
  virtual ~Witness() = default;
  // Into the engine's socket, out of the outbox. `shown` names the message, for the trace.
  virtual void sent(std::string datagram, std::vector<std::shared_ptr<Fd>> fds, const std::string& shown) = 0;
  virtual void forked(const std::string& slot, std::uint64_t serial) = 0;
  // To whom `slot` and `serial` belong: it got the signal, or somebody else, or nobody.
  virtual void signalled(const std::string& slot, std::uint64_t serial, const SimProcess* hit, int number) = 0;
  virtual void released(const std::string& slot, std::uint64_t serial, const std::string& note) = 0;
  virtual void noted(const std::string& slot, const std::string& note) = 0;
  virtual void deposited(const std::string& name, int fd) = 0;
  virtual void dropped(const std::string& slot, std::uint64_t bytes) = 0;  // told to an engine
  virtual void restarted() = 0;
};

}  // namespace upkeep::simulation
