#include "ctl/target.h"

#include <fmt/core.h>

#include <string_view>

#include "base/text.h"
#include "wire/http.h"

namespace upkeep::ctl {

std::string Address::host_header() const {
  if (!socket_path.empty()) return "localhost";
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == 80 ? name : fmt::format("{}:{}", name, port);
}

Attempt<Address> parse_url(const std::string& url) {
  Address address;
  if (url.starts_with("unix://")) {
    address.socket_path = url.substr(7);
    return address;
  }
  if (!url.starts_with("http://")) return Failure::other("ValueError", "Unknown protocol for serverurl " + url);
  std::string_view place = std::string_view{url}.substr(7);
  place = place.substr(0, place.find_first_of("/?#"));
  if (const auto at = place.rfind('@'); at != std::string_view::npos) place.remove_prefix(at + 1);
  std::string_view port;
  if (const auto bracket = place.find(']'); place.starts_with('[') && bracket != std::string_view::npos) {
    port = place.substr(bracket + 1);
    address.host = lower(place.substr(1, bracket - 1));
  } else {
    const auto colon = place.find(':');
    address.host = lower(place.substr(0, colon));
    if (colon != std::string_view::npos) port = place.substr(colon);
  }
  if (port.starts_with(':')) port.remove_prefix(1);
  if (port.empty()) return address;
  const auto number = parse_number(port);
  if (!number)
    return Failure::other("ValueError",
                          fmt::format("Port could not be cast to integer value as {}", python_repr(port)));
  if (*number < 0 || *number > 65535) return Failure::other("ValueError", "Port out of range 0-65535");
  address.port = static_cast<std::uint16_t>(*number);
  return address;
}

std::optional<std::string> authorization(const Target& target) {
  if (!target.username || !target.password) return std::nullopt;
  return "Basic " + wire::base64_encode(*target.username + ":" + *target.password);
}

}  // namespace upkeep::ctl
