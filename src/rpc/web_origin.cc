#include "rpc/web_origin.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace upkeep::rpc {
namespace {

struct Authority {  // of an URL or a Host header, in lower case
  std::string host, port;
  bool operator==(const Authority&) const = default;
};

// "host", "host:port", "[::1]:port". The port that the scheme implies counts as none.
Authority parse_authority(std::string_view text, std::string_view implied_port) {
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos;
  Authority authority{lower(text.substr(0, has_port ? colon : text.size())), {}};
  if (has_port && text.substr(colon + 1) != implied_port) authority.port = text.substr(colon + 1);
  return authority;
}

// Whether `url` (an Origin or a Referer) and one of the Host headers name the same place. An Origin of "null" never
// does.
bool is_from_here(std::string_view url, const wire::HttpRequest& request) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return false;
  const std::string_view implied_port = lower(url.substr(0, scheme_end)) == "https" ? "443" : "80";
  std::string_view rest = url.substr(scheme_end + 3);
  const Authority origin = parse_authority(rest.substr(0, rest.find_first_of("/?#")), implied_port);
  // A foreign page cannot set X-Forwarded-Host, so a proxy did, which has put its own name into Host.
  for (const char* name : {"Host", "X-Forwarded-Host"})
    if (const auto host = request.header(name);
        host && parse_authority(trim(std::string_view{*host}.substr(0, host->find(','))), implied_port) == origin)
      return true;
  return false;
}

// Browsers send Accept-Language and do not let a page remove it; Node's fetch does as well, and gives itself away by
// Sec-Fetch-Mode without Sec-Fetch-Site, which pages cannot set.
bool is_browser(const wire::HttpRequest& request) {
  return request.header("Accept-Language") && !request.header("Sec-Fetch-Mode");
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (host.starts_with('[')) return true;  // no name can look like this
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1;
}

// "chrome-extension://...": no web page, but something that the user has installed.
bool is_extension(std::string_view origin) {
  return origin.substr(0, std::min(origin.find("://"), origin.size())).ends_with("-extension");
}

// Nobody can have these names resolve to us on the public internet.
bool is_private_name(const std::string& host) {
  if (host.find('.') == std::string::npos) return true;
  constexpr std::array kReserved{".localhost", ".local", ".internal", ".home.arpa"};
  return std::any_of(kReserved.begin(), kReserved.end(), [&](const char* end) { return host.ends_with(end); });
}

}  // namespace

std::optional<std::string> why_hidden(const wire::HttpRequest& request, const SiteNames& site) {
  if (!site.can_be_rebound || !is_browser(request)) return std::nullopt;
  // Sent to https and to localhost only. Neither can be rebound: certificates and browsers see to that.
  if (request.header("Sec-Fetch-Site")) return std::nullopt;
  const std::string header = request.header("Host").value_or("");
  const std::string host = parse_authority(trim(header), "80").host;
  if (is_address(host) || is_private_name(host)) return std::nullopt;
  if (std::find(site.names.begin(), site.names.end(), host) != site.names.end()) return std::nullopt;
  return "This server does not know itself by the name " + host +
         ", which could be a trick to get around the browser's protection. Use its address or its host name, name this "
         "one in the setting hostnames of its section in the configuration, or give the server a username and a "
         "password: then any name will do.";
}

std::optional<std::string> why_refused(const wire::HttpRequest& request) {
  for (const char* name : {"Sec-Purpose", "Purpose", "X-Moz"})
    if (const auto purpose = request.header(name); purpose && purpose->find("prefetch") != std::string::npos)
      return "The browser asked for this ahead of time; nobody has clicked yet.";

  if (const auto from = request.header("Sec-Fetch-Site")) {
    if (*from == "same-origin" || *from == "none") return std::nullopt;
    return "Another web site (" + *from + ", says the browser) asked for this.";
  }

  if (const auto origin = request.header("Origin")) {
    if (!is_extension(*origin) && !is_from_here(*origin, request))
      return "Another web site (" + *origin + ") asked for this.";
  } else if (const auto referer = request.header("Referer")) {
    if (!is_from_here(*referer, request)) return "Another web site (" + *referer + ") asked for this.";
  } else if (is_browser(request) && request.method == "GET") {
    return "The browser does not say which page this comes from, so it could be any. Open the status page and choose "
           "the action there.";
  }
  return std::nullopt;
}

}  // namespace upkeep::rpc
