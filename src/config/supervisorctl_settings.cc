#include "config/supervisorctl_settings.h"

#include "config/command_line.h"
#include "config/loading.h"
#include "config/paths.h"
#include "config/section_reader.h"

namespace upkeep::config {
namespace {

Checked<CtlFileSettings> read_file(Loading& loading) {
  World& world = loading.world;
  if (!world.exists(loading.file)) return LoadError{"could not find config file " + loading.file, {}, {}};
  const auto bytes = world.read_file(loading.file);
  if (!bytes) return LoadError{"could not read config file " + loading.file, {}, {}};
  TRY(loading.ini.parse(*bytes, loading.file));
  const Section* section = loading.ini.find("supervisorctl");
  if (!section) return LoadError{".ini file does not include supervisorctl section", loading.file, {}};
  CtlFileSettings settings;
  const SectionReader reader{loading.ini, *section, world};
  TRY(reader.read(ctl_table(), Scope::Here, loading.names_here(), settings));
  TRY(reader.read(ctl_table(), Scope::Variables, loading.environment, settings));
  return settings;
}

std::string normalized_url(const std::string& url, World& world) {
  constexpr std::string_view kUnix = "unix://";
  if (!url.starts_with(kUnix)) return url;
  return std::string{kUnix} + normalized_path(url.substr(kUnix.size()), world);
}

std::optional<std::string> found_file(const std::string& argv0, World& world) {
  for (std::string& path : search_paths(resolved_argv0(argv0, world)))
    if (world.exists(path)) return std::move(path);
  return std::nullopt;
}

}  // namespace

Result<CtlSettings> load_supervisorctl(const std::optional<std::string>& file, const std::string& argv0, World& world) {
  const auto path = file ? file : found_file(argv0, world);
  if (!path) return CtlSettings{};
  Loading loading{world, *path, directory_of(normalized_path(*path, world)), {}, {}, {}, {}};
  add_environment(loading.environment, world.environment());
  auto read = read_file(loading);
  if (!read) return Error{std::move(read).error().text};
  CtlSettings settings{normalized_url(read->server_url, world), read->username, read->password, read->prompt, {}, path};
  if (read->history_file && !read->history_file->empty())
    settings.history_file = normalized_path(*read->history_file, world);
  return settings;
}

}  // namespace upkeep::config
