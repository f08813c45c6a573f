// Which server to talk to, and as whom; the address inside its URL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ctl/failure.h"

namespace upkeep::ctl {

struct Target {
  std::string url;  // "http://host[:port]" or "unix:///path", as given
  std::optional<std::string> username, password;
};

struct Address {
  std::string socket_path;  // of unix://; else empty
  std::string host;         // without brackets
  std::uint16_t port = 80;
  std::string host_header() const;
};

// Schemes are case-sensitive and a path after http://host is ignored (supervisor xmlrpc.py SupervisorTransport).
Attempt<Address> parse_url(const std::string& url);

// "Basic ..." when there is a user as well as a password.
std::optional<std::string> authorization(const Target& target);

}  // namespace upkeep::ctl
