// What a session asks of a server. A port, so that commands are tested without one.
#pragma once

#include <string>

#include "ctl/failure.h"
#include "ctl/target.h"
#include "ctl/terminal.h"
#include "wire/xmlrpc.h"

namespace upkeep::ctl {

struct LogName {
  std::string process;  // namespec as typed; empty: the daemon's own log
  std::string channel;  // "stdout" or "stderr" of a process
};

class Remote {
 public:
  virtual ~Remote() = default;

  virtual Attempt<wire::XmlRpcValue> call(const Target& target, const std::string& method,
                                          wire::XmlRpcArray params) = 0;
  // Copies the log to the terminal until the server ends it or Ctrl-C; what goes wrong is told on standard error.
  virtual void follow(const Target& target, const LogName& log, Terminal& terminal) = 0;
  // Both channels of a process to the terminal, typed lines to the process, until it stops, end of input or Ctrl-C.
  virtual Attempt<> foreground(const Target& target, const std::string& process, Terminal& terminal) = 0;
};

}  // namespace upkeep::ctl
