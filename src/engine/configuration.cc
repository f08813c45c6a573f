#include "engine/configuration.h"

#include <fmt/core.h>

#include <cstdio>

#include "base/recorded_world.h"
#include "config/command_line.h"
#include "config/daemontools.h"

namespace upkeep::engine {
namespace {

constexpr const char* kMatchedSupervisor = "4.3.0";

// supervisord's or daemontools' way of saying what there is to supervise, by the name of the program.
config::Loaded load(const std::vector<std::string>& argv, World& world) {
  if (auto services = config::load_daemontools(argv, world)) return std::move(*services);
  return config::load_supervisord(argv, world);
}

}  // namespace

ConfigurationOrFarewell load_configuration(const std::vector<std::string>& argv, World& world) {
  std::vector<std::string> resolved = argv;
  resolved.front() = config::resolved_argv0(argv.front(), world);
  RecordingWorld recording{world, resolved};
  config::Loaded loaded = load(resolved, recording);
  if (std::holds_alternative<config::HelpWanted>(loaded))
    return Farewell{config::supervisord_usage(resolved.front()), {}, 0};
  if (std::holds_alternative<config::VersionWanted>(loaded))
    return Farewell{fmt::format("{}\n", kMatchedSupervisor), {}, 0};
  if (const auto* error = std::get_if<config::LoadError>(&loaded)) {
    std::string text = error->warning.empty() ? "" : error->warning + "\n";
    text += fmt::format("Error: {}\nFor help, use {} -h\n", error->text, resolved.front());
    if (!error->where.empty())
      text += fmt::format("The cause is at {}\n", error->where);  // the two lines above are Supervisor's
    return Farewell{{}, std::move(text), 2};
  }
  config::Config& config = std::get<config::Config>(loaded);
  if (!config.warning.empty()) std::fprintf(stderr, "%s\n", config.warning.c_str());
  config::Environment environment = recording.environment();
  return Configuration{std::move(config), std::move(environment), recording.bytes()};
}

ConfigurationOrError reload_configuration(const std::vector<std::string>& argv, const std::string& file, World& world) {
  std::vector<std::string> resolved = argv;
  resolved.front() = config::resolved_argv0(argv.front(), world);
  const auto line = config::parse_command_line(resolved, world);
  if (const auto* given = std::get_if<config::CommandLine>(&line); given && !given->file)
    resolved.insert(resolved.end(), {"-c", file});
  RecordingWorld recording{world, resolved};
  config::Loaded loaded = config::load_supervisord(resolved, recording);
  if (auto* error = std::get_if<config::LoadError>(&loaded)) return std::move(*error);
  config::Environment environment = recording.environment();
  return Configuration{std::get<config::Config>(std::move(loaded)), std::move(environment), recording.bytes()};
}

Result<Configuration> replay_configuration(std::string record) {
  ReplayWorld world = TRY(ReplayWorld::parse(record));
  config::Loaded loaded = load(world.argv(), world);
  auto* config = std::get_if<config::Config>(&loaded);
  if (!config) return Error{"the deposited configuration does not load"};
  return Configuration{std::move(*config), world.environment(), std::move(record)};
}

}  // namespace upkeep::engine
