// Lines for the local syslog daemon, over its datagram socket: like syslog(3) with facility user and priority info, but
// it never blocks. What the daemon does not take at once is dropped and counted.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/time.h"
#include "logs/losses.h"

namespace upkeep::logs {

class Syslog {
 public:
  explicit Syslog(std::string ident = "supervisord", TroubleReport report = {}, std::string socket_path = "/dev/log");

  // One message per line of `text`, "<prefix><line>". The trailing newline is trimmed, empty inner lines are sent
  // (Supervisor loggers.py SyslogHandler).
  void send_lines(std::string_view prefix, std::string_view text);

 private:
  void send(const std::string& message);
  Result<void> connect();

  const std::string ident_;
  const std::string socket_path_;
  const TroubleReport report_;
  Losses losses_;
  Fd socket_;
};

// "<14>Nov 21 07:05:00 supervisord: text", as glibc's syslog(3) writes it to the socket (RFC 3164): local time, C
// locale.
std::string syslog_message(std::string_view ident, WallTime when, std::string_view text);

}  // namespace upkeep::logs
