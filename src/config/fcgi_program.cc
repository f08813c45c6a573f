#include <fmt/core.h>

#include "base/text.h"
#include "config/loading.h"
#include "config/paths.h"
#include "config/python_text.h"
#include "config/section_reader.h"

namespace upkeep::config {
namespace {

constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kTcp = "tcp://";
constexpr mode_t kModeDefault = 0700;

// The socket of a section; an error says what is wrong with its URL.
class SocketReader {
 public:
  SocketReader(const FcgiSettings& settings, World& world) : settings_(settings), world_(world) {}

  Result<FcgiSocket> run() const {
    const std::string& url = *settings_.url;
    if (url.starts_with(kUnix)) return unix_socket(url.substr(kUnix.size()));
    if (settings_.owner || settings_.mode)
      return Error{"socket_owner and socket_mode params should only be used with a Unix domain socket"};
    return tcp_socket(url);
  }

 private:
  Result<FcgiSocket> unix_socket(const std::string& path) const {
    if (!path.starts_with('/')) return Error{fmt::format("Unix socket path {} is not an absolute path", path)};
    FcgiSocket socket{std::string{kUnix} + absolute_path(path, world_),
                      {},
                      {},
                      settings_.mode.value_or(kModeDefault),
                      settings_.backlog};
    if (settings_.owner) {
      socket.owner = settings_.owner->user;
      socket.group = settings_.owner->group;
    } else if (settings_.user && settings_.user->uid != world_.current_uid()) {
      socket.owner = settings_.user->uid;
      socket.group = settings_.user->gid;
    }
    return socket;
  }

  Result<FcgiSocket> tcp_socket(const std::string& url) const {
    const Error bad{fmt::format("Bad socket format {}", url)};
    const std::size_t colon = url.rfind(':');
    if (!url.starts_with(kTcp) || colon < kTcp.size()) return bad;
    const std::string host = url.substr(kTcp.size(), colon - kTcp.size());
    const std::string port = url.substr(colon + 1);
    const bool is_host = !host.empty() && host.find(':') == std::string::npos && split_at_spaces(host).size() == 1 &&
                         count_leading_spaces(host) == 0 && !ends_in_space(host);
    if (!is_host || port.empty() || port.find_first_not_of("0123456789") != std::string::npos) return bad;
    const int number = TRY(to_port(port, world_));
    return FcgiSocket{fmt::format("{}{}:{}", kTcp, lower(host), number), {}, {}, kModeDefault, settings_.backlog};
  }

  const FcgiSettings& settings_;
  World& world_;
};

}  // namespace

Checked<Group> read_fcgi_program(Loading& loading, const Section& section) {
  const SectionReader reader{loading.ini, section, loading.world};
  Group group{Group::Kind::FcgiProgram, TRY(reader.name()), 0, {}};
  Names names = loading.names_here();
  group.priority = TRY(reader.priority(names));
  FcgiSettings settings;
  TRY(reader.read(fcgi_table(), Scope::Here, names, settings));
  names["program_name"] = group.name;
  TRY(reader.read(fcgi_table(), Scope::Socket, names, settings));
  if (!settings.url || settings.url->empty())
    return reader.error(fmt::format("[{}] section requires a \"socket\" line", section.name), "socket");
  auto socket = SocketReader{settings, loading.world}.run();
  if (!socket) {
    return reader.error(fmt::format("{} in [{}] socket", std::move(socket).error().text, section.name), "socket");
  }
  group.socket = std::move(socket).value();
  group.processes = TRY(read_program(loading, section, group.name));
  return group;
}

}  // namespace upkeep::config
