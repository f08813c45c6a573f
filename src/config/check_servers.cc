// Servers: are their ports and sockets free, does supervisorctl find them, who else could?
#include <fmt/core.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "config/checking.h"
#include "config/paths.h"
#include "config/supervisorctl_settings.h"

namespace upkeep::config {
namespace {

constexpr std::size_t kSocketPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;
constexpr int kPrivilegedPorts = 1024;
constexpr std::string_view kListening = "0A";            // state of a TCP socket in /proc/net/tcp
constexpr std::string_view kUnixListening = "00010000";  // flags of a unix socket in /proc/net/unix

bool is_loopback(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

// A dotted address as /proc/net/tcp has it on this machine, "0100007F"; empty: a name.
std::string kernel_address(std::string_view host) {
  if (host == "localhost") host = "127.0.0.1";
  std::string digits;
  const std::vector<std::string> parts = split(host, '.');
  if (parts.size() != 4) return {};
  for (const std::string& part : parts) {
    const auto number = parse_number(part);
    if (!number || *number < 0 || *number > 255) return {};
    const std::string byte = fmt::format("{:02X}", *number);
    digits = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? byte + digits : digits + byte;
  }
  return digits;
}

class ServerCheck {
 public:
  explicit ServerCheck(const CheckedConfig& checked) : checked_(checked), config_(checked.config()) {}

  void run() {
    const bool is_running = daemon_is_running();
    for (const InetServer& server : config_.inet_servers) {
      inet_server(server);
      if (!is_running) busy_port(server);
    }
    for (const UnixServer& server : config_.unix_servers) {
      unix_server(server);
      if (!is_running) busy_socket(server);
    }
    interface();
    client();
    unreachable();
  }

 private:
  void report(Severity severity, std::string_view rule, const std::string& section, std::string_view key,
              Message message) const {
    checked_.report(severity, rule, checked_.spot(checked_.ini().find(section), key), std::move(message));
  }

  // Then the ports are in use by nobody else but the one that this configuration is for.
  bool daemon_is_running() const {
    World& world = checked_.world();
    const auto pidfile = world.read_file(config_.daemon.pidfile);
    const auto pid = pidfile ? parse_number(trim(*pidfile)) : std::nullopt;
    if (!pid || *pid <= 0) return false;
    const auto name = world.read_file(fmt::format("/proc/{}/comm", *pid));
    return name && trim(*name) == "supervisord";
  }

  void inet_server(const InetServer& server) {
    if (!addresses_.insert(fmt::format("{}:{}", server.host, server.port)).second) {
      report(Severity::Warning, "shared-address", server.section, "port",
             {fmt::format("another section has the port {}, too", server.port), "only one of them can listen",
              "give each its own"});
    }
    if (!server.credentials && !is_loopback(server.host)) {
      report(Severity::Warning, "open-server", server.section, "port",
             {"whoever reaches this port controls every program, without a password",
              "it listens beyond this machine and has no username= and password=",
              "add username= and password=, or listen on 127.0.0.1"});
    }
    if (server.port < kPrivilegedPorts && checked_.daemon_user().uid != 0) {
      report(Severity::Warning, "privileged-port", server.section, "port",
             {fmt::format("{} may not listen on port {}", checked_.daemon_user().name, server.port),
              "ports below 1024 are root's", "choose a port from 1024"});
    }
  }

  void unix_server(const UnixServer& server) {
    if (!addresses_.insert(server.path).second) {
      report(Severity::Warning, "shared-address", server.section, "file",
             {fmt::format("another section has the socket {}, too", server.path), "only one of them can listen",
              "give each its own"});
    }
    if (server.path.size() > kSocketPathBytesMax) {
      report(Severity::Warning, "long-path", server.section, "file",
             {fmt::format("the path has {} bytes, sockets may have {}", server.path.size(), kSocketPathBytesMax),
              "supervisord will end at its start", "choose a shorter one, such as /run/supervisor.sock"});
    }
    const std::string directory = directory_of(server.path);
    const auto permissions = checked_.world().permissions(directory);
    if (permissions && is_allowed(*permissions, checked_.daemon_user(), 3)) return;
    report(Severity::Warning, "not-writable", server.section, "file",
           {permissions ? fmt::format("{} may not make a socket in {}", checked_.daemon_user().name, directory)
                        : fmt::format("the directory {} does not exist", directory),
            "supervisord will end at its start", "mkdir -p it, or name another directory"});
  }

  void busy_port(const InetServer& server) const {
    const std::string port = fmt::format(":{:04X}", server.port);
    const std::string own = kernel_address(server.host);
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
      const auto text = checked_.world().read_file(table);
      if (!text) continue;
      for (const std::string& line : split(*text, '\n')) {
        const std::vector<std::string> words = split_blanks(line);
        if (words.size() < 4 || words[3] != kListening || !words[1].ends_with(port)) continue;
        const std::string theirs = words[1].substr(0, words[1].size() - port.size());
        const bool is_any = theirs.find_first_not_of('0') == std::string::npos;
        if (!is_any && !server.host.empty() && theirs != own) continue;
        return report(Severity::Warning, "port-in-use", server.section, "port",
                      {fmt::format("port {} is in use", server.port),
                       "another process listens there, and supervisord will end at its start",
                       fmt::format("choose another port, or stop the other (ss -ltnp 'sport = {}')", server.port)});
      }
    }
  }

  void busy_socket(const UnixServer& server) const {
    const auto text = checked_.world().read_file("/proc/net/unix");
    if (!text) return;
    for (const std::string& line : split(*text, '\n')) {
      const std::vector<std::string> words = split_blanks(line);
      if (words.size() < 8 || words[3] != kUnixListening || !line.ends_with(" " + server.path)) continue;
      return report(Severity::Warning, "socket-in-use", server.section, "file",
                    {fmt::format("{} is in use", server.path),
                     "another process listens there, and supervisord will end at its start",
                     fmt::format("choose another path, or stop the other (ss -lxp src {})", server.path)});
    }
  }

  bool has_server() const { return !config_.inet_servers.empty() || !config_.unix_servers.empty(); }

  void interface() const {
    const bool is_there = std::any_of(config_.rpc_interfaces.begin(), config_.rpc_interfaces.end(),
                                      [](const RpcInterface& each) { return each.name == "supervisor"; });
    if (!has_server() || is_there) return;
    const std::string& section =
        config_.unix_servers.empty() ? config_.inet_servers.front().section : config_.unix_servers.front().section;
    report(Severity::Warning, "no-interface", section, "",
           {"nothing answers supervisorctl here", "there is no section [rpcinterface:supervisor]",
            "add it with supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface"});
  }

  bool is_served(const std::string& url) const {
    constexpr std::string_view kUnix = "unix://", kHttp = "http://";
    if (url.starts_with(kUnix)) {
      return std::any_of(config_.unix_servers.begin(), config_.unix_servers.end(),
                         [&](const UnixServer& server) { return server.path == url.substr(kUnix.size()); });
    }
    std::string_view rest = url;
    if (rest.starts_with(kHttp)) rest.remove_prefix(kHttp.size());
    rest = rest.substr(0, rest.find('/'));
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos || !is_loopback(rest.substr(0, colon))) return true;  // maybe elsewhere
    return std::any_of(config_.inet_servers.begin(), config_.inet_servers.end(),
                       [&](const InetServer& server) { return std::to_string(server.port) == rest.substr(colon + 1); });
  }

  // Whether supervisorctl finds its way with the same file.
  void client() const {
    const Section* section = checked_.ini().find("supervisorctl");
    if (!section || section->origin.file != config_.file) return;
    const auto settings = load_supervisorctl(config_.file, "supervisorctl", checked_.edited());
    if (!settings) {
      return report(Severity::Warning, "supervisorctl", "supervisorctl", "",
                    {"supervisorctl refuses the file: " + settings.error().text, {}, {}});
    }
    if (is_served(settings->server_url)) return;
    report(Severity::Warning, "supervisorctl", "supervisorctl", "serverurl",
           {fmt::format("supervisorctl looks for {}, where no server of this file listens", settings->server_url),
            {},
            has_server() ? "name the address of the server: " + config_.server_url
                         : "add a section [unix_http_server] with file="});
  }

  // Programs that talk to a daemon which nobody can talk to.
  void unreachable() const {
    if (has_server()) return;
    for (const Group& group : config_.groups) {
      for (const Process& process : group.processes) {
        if (process.has_own_server_url || process.command.find("supervisorctl") == std::string::npos) continue;
        checked_.report(Severity::Warning, "no-server", checked_.spot(group, process, "command", "supervisorctl"),
                        {"supervisorctl will not reach this supervisord",
                         "there is neither [unix_http_server] nor [inet_http_server]",
                         "add a section [unix_http_server] with file= and [rpcinterface:supervisor]"});
      }
    }
  }

  const CheckedConfig& checked_;
  const Config& config_;
  std::set<std::string> addresses_;
};

}  // namespace

void check_servers(const CheckedConfig& checked) { ServerCheck{checked}.run(); }

}  // namespace upkeep::config
