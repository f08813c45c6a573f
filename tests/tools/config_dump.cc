// config_dump ARGV...: what a supervisord with this command line would run with, as text that can be compared line by
// line with what the real Supervisor makes of the same files (tests/differential/test_config_parse.py). Texts are shown
// as Python's repr() shows them. Exit status 0 also for a refusal, which is the line "error <text>".
#include <fmt/core.h>

#include <cstdio>

#include "base/text.h"
#include "config/load.h"
#include "os/system_world.h"

namespace {

using namespace upkeep;  // NOLINT: a small program
using namespace upkeep::config;

void line(std::string_view key, const std::string& value) { fmt::print("{}={}\n", key, value); }
void line(std::string_view key, bool value) { fmt::print("{}={}\n", key, value ? "True" : "False"); }
void line(std::string_view key, std::int64_t value) { fmt::print("{}={}\n", key, value); }
void text(std::string_view key, const std::string& value) { line(key, python_repr(value)); }
template <class T>
void maybe(std::string_view key, const std::optional<T>& value) {
  line(key, value ? fmt::format("{}", *value) : std::string{"None"});
}

void print_channel(const std::string& name, const ChannelLog& log) {
  using Kind = LogTarget::Kind;
  line(name + "_logfile", log.target.kind == Kind::None   ? "None"
                          : log.target.kind == Kind::Auto ? "AUTO"
                                                          : python_repr(log.target.path));
  line(name + "_logfile_maxbytes", log.max_bytes);
  line(name + "_logfile_backups", std::int64_t{log.backups});
  line(name + "_capture_maxbytes", log.capture_max_bytes);
  line(name + "_events_enabled", log.events_enabled);
  line(name + "_syslog", log.syslog);
}

std::int64_t seconds(Duration duration) { return std::chrono::duration_cast<std::chrono::seconds>(duration).count(); }

void print_process(const Process& process) {
  using core::Restart;
  const core::Policy& policy = process.policy;
  text("process", process.name);
  text("command", process.command);
  line("directory", process.directory ? python_repr(*process.directory) : "None");
  maybe("umask", process.umask);
  line("uid", process.identity ? fmt::format("{}", process.identity->uid) : "None");
  line("priority", std::int64_t{process.priority});
  line("autostart", policy.autostart);
  line("autorestart", policy.restart == Restart::Always       ? std::string{"always"}
                      : policy.restart == Restart::Unexpected ? std::string{"unexpected"}
                                                              : std::string{"never"});
  line("startsecs", seconds(policy.start_time));
  line("startretries", std::int64_t{policy.start_retries.value_or(-1)});
  line("stopsignal", std::int64_t{policy.stop_signal});
  line("stopwaitsecs", seconds(policy.stop_wait));
  line("stopasgroup", policy.stop_as_group);
  line("killasgroup", policy.kill_as_group);
  std::string codes;
  for (const int code : policy.exit_codes) codes += (codes.empty() ? "" : ",") + std::to_string(code);
  line("exitcodes", codes);
  line("redirect_stderr", process.redirect_stderr);
  print_channel("stdout", process.out);
  print_channel("stderr", process.err);
  line("serverurl", process.has_own_server_url ? python_repr(process.server_url) : "None");
  for (const auto& [name, value] : process.environment) text("environment " + name, value);
}

void print_daemon(const Daemon& daemon) {
  text("logfile", daemon.logfile);
  line("logfile_maxbytes", daemon.logfile_max_bytes);
  line("logfile_backups", std::int64_t{daemon.logfile_backups});
  line("loglevel", std::int64_t{static_cast<int>(daemon.log_level)});
  text("pidfile", daemon.pidfile);
  text("identifier", daemon.identifier);
  text("childlogdir", daemon.child_log_dir);
  line("nodaemon", daemon.no_daemon);
  line("silent", daemon.silent);
  line("nocleanup", daemon.no_cleanup);
  line("strip_ansi", daemon.strip_ansi);
  line("minfds", std::int64_t{daemon.min_fds});
  line("minprocs", std::int64_t{daemon.min_procs});
  line("umask", std::int64_t{daemon.umask});
  line("directory", daemon.directory ? python_repr(*daemon.directory) : "None");
  line("uid", daemon.identity ? fmt::format("{}", daemon.identity->uid) : "None");
}

void print_owner(std::optional<uid_t> owner, std::optional<gid_t> group) {
  line("owner", owner ? fmt::format("{}", *owner) : "-1");
  line("owning group", group ? fmt::format("{}", *group) : "-1");
}

void print_group(const Group& group) {
  text("group", group.name);
  line("priority", std::int64_t{group.priority});
  if (group.socket) {
    text("socket", group.socket->url);
    if (group.socket->url.starts_with("unix:")) {
      print_owner(group.socket->owner, group.socket->group);
      line("mode", std::int64_t{group.socket->mode});
    }
    maybe("backlog", group.socket->backlog);
  }
  if (group.events) {
    for (const std::string& type : group.events->types) line("event", type);
    line("buffer_size", std::int64_t{group.events->buffer_size});
    line("result_handler", group.events->result_handler);
  }
  for (const Process& process : group.processes) print_process(process);
}

void print_services(const Group& group) {
  text(fmt::format("services of the group {}", python_repr(group.name)), group.services->directory);
}

void print_credentials(const std::optional<Credentials>& credentials) {
  text("username", credentials ? credentials->username : "");
  text("password", credentials ? credentials->password : "");
}

void print(const Config& config) {
  print_daemon(config.daemon);
  for (const Group& group : config.groups) group.services ? print_services(group) : print_group(group);
  for (const InetServer& server : config.inet_servers) {
    text("server", server.section);
    text("host", server.host);
    line("port", std::int64_t{server.port});
    print_credentials(server.credentials);
  }
  for (const UnixServer& server : config.unix_servers) {
    text("server", server.section);
    text("file", server.path);
    line("chmod", std::int64_t{server.mode});
    print_owner(server.owner, server.group);
    print_credentials(server.credentials);
  }
  for (const RpcInterface& interface : config.rpc_interfaces) text("rpcinterface", interface.name);
  text("serverurl", config.server_url);
  for (const Notice& notice : config.notices) fmt::print("{} {}\n", code_of(notice.level), python_repr(notice.text));
}

}  // namespace

int main(int argc, char** argv) {
  os::SystemWorld world;
  const Loaded loaded = load_supervisord({argv + 1, argv + argc}, world);
  if (const auto* error = std::get_if<LoadError>(&loaded)) fmt::print("error {}\n", python_repr(error->text));
  if (std::holds_alternative<HelpWanted>(loaded)) fmt::print("help\n");
  if (std::holds_alternative<VersionWanted>(loaded)) fmt::print("version\n");
  if (const auto* config = std::get_if<Config>(&loaded)) print(*config);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
