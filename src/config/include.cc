#include <fmt/core.h>

#include "config/loading.h"
#include "config/paths.h"
#include "config/python_text.h"
#include "config/section_reader.h"

namespace upkeep::config {
namespace {

// A file that cannot be read is skipped, as the original does; it has been announced as included all the same.
Checked<> include_file(Loading& loading, const std::string& path) {
  loading.notices.push_back({LogLevel::Info, fmt::format("Included extra file \"{}\" during parsing", path)});
  if (const auto bytes = loading.world.read_file(path)) {
    warn_if_exposed(loading, path);
    TRY(loading.ini.parse(*bytes, path));
  }
  loading.ini.replace_here(absolute_path(directory_of(path), loading.world));
  return {};
}

}  // namespace

Checked<> read_files(Loading& loading) {
  World& world = loading.world;
  if (!world.exists(loading.file)) return LoadError{"could not find config file " + loading.file, {}, {}};
  const auto bytes = world.read_file(loading.file);
  if (!bytes) return LoadError{"could not read config file " + loading.file, {}, {}};
  warn_if_exposed(loading, loading.file);
  TRY(loading.ini.parse(*bytes, loading.file));

  const Section* include = loading.ini.find("include");
  if (!include) return {};
  loading.ini.replace_here(loading.here);
  const SectionReader reader{loading.ini, *include, world};
  IncludeSettings settings;
  TRY(reader.read(include_table(), Scope::Host, loading.names_host(), settings));
  if (!settings.files) return reader.error(".ini file has [include] section, but no files setting");
  const std::string base = directory_of(absolute_path(loading.file, world));
  for (const std::string& item : split_at_spaces(*settings.files)) {
    const std::string pattern = join_path(base, item);
    const auto matches = world.glob(pattern);
    if (matches.empty()) loading.warn(fmt::format("No file matches via include \"{}\"", pattern));
    for (const std::string& path : matches) TRY(include_file(loading, path));
  }
  return {};
}

}  // namespace upkeep::config
