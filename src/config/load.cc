#include "config/load.h"

#include <fmt/core.h>

#include <algorithm>

#include "config/command_line.h"
#include "config/environment.h"
#include "config/loading.h"
#include "config/paths.h"
#include "config/section_reader.h"

namespace upkeep::config {
namespace {

// The file to read: -c, else the first one of the search path that exists.
Checked<std::string> find_file(const CommandLine& line, const std::string& argv0, World& world) {
  if (line.file) return *line.file;
  std::string paths;
  for (std::string& path : search_paths(argv0)) {
    if (world.exists(path)) return std::move(path);
    paths += (paths.empty() ? "" : ", ") + path;
  }
  return LoadError{fmt::format("No config file found at default paths ({}); use the -c option to specify a config file "
                               "at a different path",
                               paths),
                   {},
                   {}};
}

Checked<Environment> read_environment(const Given& given, const Loading& loading) {
  const std::string pairs = TRY(expand(given, loading.names_host()));
  auto environment = parse_environment(pairs);
  if (!environment) return LoadError{std::move(environment).error().text, given.origin.text(), {}};
  return std::move(environment).value();
}

// [supervisord] as the file has it, with the command line laid over it only after all of it was found good.
Checked<DaemonSettings> read_daemon(const Loading& loading) {
  const Section* section = loading.ini.find("supervisord");
  if (!section) return LoadError{".ini file does not include supervisord section", loading.file, {}};
  DaemonSettings settings;
  const SectionReader reader{loading.ini, *section, loading.world};
  TRY(reader.read(daemon_table(), Scope::Here, loading.names_here(), settings));
  return settings;
}

// The daemon as it will run: paths absolute, the user known.
Checked<Daemon> resolve(const DaemonSettings& settings, World& world) {
  Daemon daemon = settings.daemon;
  if (settings.output.format == OutputFormat::Json) daemon.log_format = OutputFormat::Json;
  if (daemon.logfile != "syslog") daemon.logfile = normalized_path(daemon.logfile, world);
  daemon.pidfile = normalized_path(daemon.pidfile, world);
  daemon.child_log_dir =
      settings.child_log_dir ? absolute_path(*settings.child_log_dir, world) : temporary_directory(world);
  if (settings.user) {
    auto identity = to_identity(settings.user->text, world);
    if (!identity) {
      const Origin& origin = settings.user->origin;
      return LoadError{std::move(identity).error().text, origin.line > 0 ? origin.text() : std::string{}, {}};
    }
    daemon.identity = std::move(identity).value();
  }
  return daemon;
}

void set_server_urls(Config& config) {
  if (!config.unix_servers.empty()) {
    config.server_url = "unix://" + config.unix_servers.front().path;
  } else if (!config.inet_servers.empty()) {
    const InetServer& last = config.inet_servers.back();
    config.server_url = fmt::format("http://{}:{}", last.host.empty() ? "localhost" : last.host, last.port);
  }
  for (Group& group : config.groups) {
    for_each_process(group, [&](Process& process) {
      if (!process.has_own_server_url) process.server_url = config.server_url;
    });
  }
}

// Directories made for programs have no `run`: among services they would be services that fail for ever.
Checked<> check_service_dir(const Config& config, const Loading& loading) {
  const std::string& directory = config.daemon.service_dir;
  for (const Group& group : config.groups) {
    if (directory.empty() || !group.services || group.services->directory != directory) continue;
    const SectionReader reader{loading.ini, *loading.ini.find("supervisord"), loading.world};
    return reader.error(
        fmt::format("servicedir {} is the directory of [svscan:{}], it must be another one", directory, group.name),
        "servicedir");
  }
  return {};
}

Checked<Config> load(const CommandLine& line, Loading& loading) {
  World& world = loading.world;
  TRY(read_files(loading));
  DaemonSettings settings = TRY(read_daemon(loading));
  const Environment shared = TRY(read_environment(settings.environment, loading));
  add_environment(loading.environment, shared);
  loading.output = settings.output;

  Config config;
  config.file = loading.file;
  config.rpc_interfaces = TRY(read_rpc_interfaces(loading));
  config.groups = TRY(read_groups(loading, shared));
  config.inet_servers = TRY(read_inet_servers(loading));
  config.unix_servers = TRY(read_unix_servers(loading));
  set_server_urls(config);
  apply(line, world, settings);
  config.daemon = TRY(resolve(settings, world));
  TRY(check_service_dir(config, loading));

  add_hints(loading);
  if (!settings.user && world.current_uid() == 0) {
    loading.notices.push_back(
        {LogLevel::Critical,
         "Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file. "
         " If you intend to run as root, you can set user=root in the config file to avoid this message."});
  }
  config.notices = std::move(loading.notices);
  std::stable_sort(config.notices.begin(), config.notices.end(),
                   [](const Notice& a, const Notice& b) { return a.level > b.level; });
  return config;
}

}  // namespace

void add_environment(Names& names, const Environment& environment) {
  for (const auto& [name, value] : environment) names["ENV_" + name] = value;
}

Loaded load_supervisord(const std::vector<std::string>& argv, World& world) {
  auto parsed = parse_command_line(argv, world);
  if (std::holds_alternative<HelpWanted>(parsed)) return HelpWanted{};
  if (std::holds_alternative<VersionWanted>(parsed)) return VersionWanted{};
  if (auto* error = std::get_if<LoadError>(&parsed)) return std::move(*error);
  const auto& line = std::get<CommandLine>(parsed);

  const std::string warning = !line.file && world.current_uid() == 0 ? std::string{kSearchWarning} : std::string{};
  const auto refuse = [&](LoadError error) {
    error.warning = warning;
    return error;
  };
  auto file = find_file(line, resolved_argv0(argv.empty() ? std::string{} : argv.front(), world), world);
  if (!file) return refuse(std::move(file).error());
  Loading loading{world, *file, absolute_path(directory_of(*file), world), world.host_name(), {}, {}, {}};
  add_environment(loading.environment, world.environment());
  auto config = load(line, loading);
  if (!config) return refuse(std::move(config).error());
  config->warning = warning;
  return std::move(config).value();
}

}  // namespace upkeep::config
