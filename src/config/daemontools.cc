#include "config/daemontools.h"

#include "config/paths.h"

namespace upkeep::config {
namespace {

std::optional<Face> face_of(const std::string& program) {
  const std::string name = program.substr(program.rfind('/') + 1);
  if (name == "svscan") return Face::Svscan;
  if (name == "supervise") return Face::Supervise;
  return std::nullopt;
}

Dialect dialect_in(const Environment& environment) {
  for (const auto& [name, value] : environment)
    if (name == "UPKEEP_DAEMONTOOLS") return dialect_of(value.c_str());
  return Dialect::Original;
}

}  // namespace

std::optional<Config> load_daemontools(const std::vector<std::string>& argv, World& world) {
  const auto face = face_of(argv.front());
  if (!face) return std::nullopt;
  const std::string directory = argv.size() > 1 ? argv[1] : ".";

  ServiceSource source;
  source.kind = *face == Face::Svscan ? ServiceSource::Kind::Scan : ServiceSource::Kind::Single;
  source.directory = directory.empty() ? directory : absolute_path(directory, world);  // nothing has an empty name
  source.shown = directory;
  source.dialect = dialect_in(world.environment());
  source.shares_stdio = true;
  source.process.group = "services";
  source.process.out.target.kind = source.process.err.target.kind = LogTarget::Kind::None;

  Config config;
  config.file = directory;
  config.daemon.face = *face;
  config.daemon.no_daemon = true;
  config.daemon.silent = true;
  config.daemon.log_level = LogLevel::Warn;
  config.daemon.min_fds = 0;
  config.daemon.min_procs = 0;
  Group group;
  group.kind = Group::Kind::Services;
  group.name = source.process.group;
  group.services = std::move(source);
  config.groups.push_back(std::move(group));
  return config;
}

}  // namespace upkeep::config
