// The server as it is reached in earnest: calls and log streams over HTTP.
#pragma once

#include "ctl/client.h"
#include "ctl/remote.h"

namespace upkeep::ctl {

class HttpRemote : public Remote {
 public:
  explicit HttpRemote(Client& client) : client_(client) {}

  Attempt<wire::XmlRpcValue> call(const Target& target, const std::string& method, wire::XmlRpcArray params) override;
  void follow(const Target& target, const LogName& log, Terminal& terminal) override;
  Attempt<> foreground(const Target& target, const std::string& process, Terminal& terminal) override;

 private:
  Client& client_;
};

}  // namespace upkeep::ctl
