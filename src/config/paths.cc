#include "config/paths.h"

#include <optional>
#include <vector>

#include "base/text.h"

namespace upkeep::config {
namespace {

std::optional<std::string> variable(World& world, std::string_view name) {
  for (auto& [key, value] : world.environment())
    if (key == name) return value;
  return std::nullopt;
}

std::string normalized(std::string_view path) {  // of an absolute path: no "//", ".", ".."
  std::vector<std::string> kept;
  for (std::string& part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(std::move(part));
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  // POSIX leaves the meaning of exactly two leading slashes to the system; so does Python.
  std::string out = path.starts_with("//") && !path.starts_with("///") ? "//" : "/";
  for (std::size_t i = 0; i < kept.size(); ++i) out += (i == 0 ? "" : "/") + kept[i];
  return out;
}

}  // namespace

std::string directory_of(std::string_view path) {
  const std::string_view head = path.substr(0, path.rfind('/') + 1);
  const std::size_t end = head.find_last_not_of('/');
  return std::string{end == std::string_view::npos ? head : head.substr(0, end + 1)};
}

std::string join_path(std::string_view base, std::string_view path) {
  if (path.starts_with('/')) return std::string{path};
  std::string out{base};
  if (!out.empty() && !out.ends_with('/')) out += '/';
  return out += path;
}

std::string absolute_path(std::string_view path, World& world) {
  if (path.starts_with('/')) return normalized(path);
  return normalized(join_path(world.current_directory(), path));
}

std::string expand_user(const std::string& path, World& world) {
  if (!path.starts_with('~')) return path;
  const std::string name = path.substr(1, path.find('/') - 1);
  std::optional<std::string> home;
  if (name.empty()) home = variable(world, "HOME");
  if (!home) {
    const auto user = name.empty() ? world.user_by_id(world.current_uid()) : world.user_by_name(name);
    if (!user) return path;
    home = user->home;
  }
  home->resize(home->find_last_not_of('/') + 1);  // npos + 1 is 0
  const std::string out = *home + path.substr(1 + name.size());
  return out.empty() ? "/" : out;
}

std::string normalized_path(const std::string& path, World& world) {
  return absolute_path(expand_user(path, world), world);
}

std::string temporary_directory(World& world) {
  std::vector<std::string> candidates;
  for (const char* name : {"TMPDIR", "TEMP", "TMP"}) {
    const auto value = variable(world, name);
    if (value && !value->empty()) candidates.push_back(*value);
  }
  for (const char* path : {"/tmp", "/var/tmp", "/usr/tmp"}) candidates.emplace_back(path);
  candidates.push_back(world.current_directory());
  for (const std::string& candidate : candidates) {
    const std::string path = absolute_path(candidate, world);
    if (world.is_writable_directory(path)) return path;
  }
  return "/tmp";
}

}  // namespace upkeep::config
