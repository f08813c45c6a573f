#include "engine/configuration.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "base/bytes.h"
#include "base/recorded_world.h"
#include "os/file.h"

namespace upkeep::engine {
namespace {

constexpr const char* kMatchedSupervisor = "4.3.0";

std::string pack(const rlimit& files, const std::string& world_record) {
  ByteWriter out;
  out.number(static_cast<std::uint64_t>(files.rlim_cur));
  out.number(static_cast<std::uint64_t>(files.rlim_max));
  out.text(world_record);
  return out.take();
}

}  // namespace

ConfigurationOrFarewell load_configuration(const std::vector<std::string>& argv, World& world) {
  std::vector<std::string> resolved = argv;
  resolved.front() = config::resolved_argv0(argv.front(), world);
  RecordingWorld recording{world, resolved};
  config::Loaded loaded = config::load_supervisord(resolved, recording);
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
  Configuration configuration{std::get<config::Config>(std::move(loaded)), {recording.environment(), {}}, {}};
  if (!configuration.config.warning.empty()) std::fprintf(stderr, "%s\n", configuration.config.warning.c_str());
  rlimit files{};
  (void)::getrlimit(RLIMIT_NOFILE, &files);
  configuration.setting.limits = {{RLIMIT_NOFILE, files.rlim_cur, files.rlim_max}};
  configuration.record = pack(files, recording.bytes());
  return configuration;
}

Result<Configuration> recover_configuration(Deposits& deposits) {
  const Fd memfd = deposits.take(kConfigurationDeposit);
  if (!memfd) return Error{"the keeper holds no configuration"};
  if (::lseek(memfd.get(), 0, SEEK_SET) != 0) return Error::from_errno("read the deposited configuration");
  const std::string bytes = TRY(os::read_all(memfd.get(), std::size_t{256} << 20));
  ByteReader in{bytes};
  const auto soft = in.number<std::uint64_t>(), hard = in.number<std::uint64_t>();
  const std::string record = in.text();
  if (!in.at_end()) return Error{"the deposited configuration is damaged"};
  ReplayWorld world = TRY(ReplayWorld::parse(record));
  config::Loaded loaded = config::load_supervisord(world.argv(), world);
  auto* config = std::get_if<config::Config>(&loaded);
  if (!config) return Error{"the deposited configuration does not load"};
  return Configuration{std::move(*config), {world.environment(), {{RLIMIT_NOFILE, soft, hard}}}, bytes};
}

Result<void> deposit_configuration(const Configuration& configuration, Deposits& deposits) {
  const Fd memfd = TRY(os::make_memfd("upkeep-configuration", configuration.record, os::Sealing::Sealed));
  deposits.deposit(kConfigurationDeposit, memfd);
  return {};
}

}  // namespace upkeep::engine
