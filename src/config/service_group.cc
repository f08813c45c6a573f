#include "config/environment.h"
#include "config/loading.h"
#include "config/paths.h"
#include "config/section_reader.h"

namespace upkeep::config {
namespace {

Checked<Group> read_group(Loading& loading, const Section& section) {
  const SectionReader reader{loading.ini, section, loading.world};
  Group group{Group::Kind::Services, TRY(reader.name()), 0, {}};
  if (group.name.empty()) return reader.error("a name is required, as in [svscan:services],");

  const Names names = loading.names_host();
  SvscanSettings settings;
  TRY(reader.read(svscan_table(), Scope::Host, names, settings));
  if (!settings.directory) return reader.error("a directory is required, as in directory=/etc/service,");
  settle_logs(loading, section, settings.services);

  Process& process = settings.services.process;
  const Given& given = settings.services.environment;
  auto environment = parse_environment(TRY(expand(given, names)));
  if (!environment) return LoadError{std::move(environment).error().text, given.origin.text(), {}};
  process.environment = std::move(environment).value();
  process.group = group.name;

  group.priority = process.priority;
  group.services = ServiceSource{};
  group.services->directory = absolute_path(*settings.directory, loading.world);
  group.services->dialect = settings.dialect;
  group.services->process = std::move(process);
  return group;
}

}  // namespace

Checked<Group> read_service_group(Loading& loading, const Section& section) {
  auto group = read_group(loading, section);
  if (group) return group;
  return in_section(std::move(group).error(), section);
}

}  // namespace upkeep::config
