#include "config/repair.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "config/keys.h"
#include "config/python_text.h"

namespace upkeep::config {
namespace {

using Kind = ListedLine::Kind;

constexpr std::string_view kBadLine = "\n\t[line ";

std::string_view kind_of(std::string_view section) { return section.substr(0, section.find(':')); }

// A value that the loader takes for the key, and that gives no cause for another error; nullopt: to leave it away.
std::optional<std::string> stand_in(std::string_view section, std::string_view name) {
  static const std::map<std::string_view, std::string_view> kRequired = {
      {"command", "true"},   {"process_name", "%(program_name)s_%(process_num)s"},
      {"events", "TICK_60"}, {"socket", "unix:///stand-in"},
      {"port", "9001"},      {"file", "/stand-in"},
      {"username", "x"},     {"password", "x"},
      {"files", ""},         {"supervisor.rpcinterface_factory", "supervisor.rpcinterface:make_main_rpcinterface"},
  };
  if (const auto found = kRequired.find(name); found != kRequired.end()) return std::string{found->second};
  if (name == "directory" && kind_of(section) == "svscan") return "/";
  for (const Key& key : all_keys())
    if (key.name == name && key.section == kind_of(section) && key.fallback) return std::string{*key.fallback};
  return std::nullopt;
}

// Keys that a section of this kind cannot do without, then those that end a contradiction between keys.
struct Completion {
  std::vector<std::string_view> required, settled;
};
Completion completion_of(std::string_view kind) {
  if (kind == "program") return {{"command"}, {"numprocs", "process_name", "stopasgroup"}};
  if (kind == "eventlistener") return {{"command", "events"}, {"numprocs", "process_name", "stopasgroup"}};
  if (kind == "fcgi-program") return {{"command", "socket"}, {"numprocs", "process_name", "stopasgroup"}};
  if (kind == "inet_http_server") return {{"port"}, {"username", "password"}};
  if (kind == "unix_http_server") return {{"file"}, {"username", "password"}};
  if (kind == "rpcinterface") return {{"supervisor.rpcinterface_factory"}, {}};
  if (kind == "svscan") return {{"directory"}, {}};
  if (kind == "include") return {{"files"}, {}};
  return {};
}

}  // namespace

Place place_of(const std::string& where) {
  const std::size_t colon = where.rfind(':');
  if (colon == std::string::npos) return {where, 0};
  const auto line = parse_number(std::string_view{where}.substr(colon + 1));
  if (!line) return {where, 0};
  return {where.substr(0, colon), static_cast<int>(*line)};
}

std::vector<int> bad_lines_of(const LoadError& error) {
  std::vector<int> lines;
  for (std::size_t at = error.text.find(kBadLine); at != std::string::npos; at = error.text.find(kBadLine, at + 1)) {
    const std::size_t begin = at + kBadLine.size();
    const auto number =
        parse_number(trim(std::string_view{error.text}.substr(begin, error.text.find(']', begin) - begin)));
    if (number) lines.push_back(static_cast<int>(*number));
  }
  return lines;
}

bool Repairs::has_caused(const LoadError& error) const {
  if (removed_.contains("supervisord") && error.text.ends_with("does not include supervisord section")) return true;
  return std::any_of(removed_.begin(), removed_.end(), [&](const std::string& section) {
    const std::size_t colon = section.find(':');
    if (colon == std::string::npos) return false;
    return error.text.ends_with(fmt::format("names unknown program or fcgi-program {}",
                                            trim_spaces(std::string_view{section}.substr(colon + 1))));
  });
}

bool Repairs::past(const LoadError& error) {
  const Place place = place_of(error.where);
  EditedFile* file = world_.file(place.file);
  if (!file) return false;
  if (!tried_.emplace(place.file, place.line).second) {
    const Listing now = file->now();
    const ListedLine* line = now.line(place.line);
    if (!line || line->section.empty()) return false;
    return (line->kind == Kind::Header && complete(*file, line->section)) || remove(line->section);
  }
  if (place.line == 0) {  // no section [supervisord]
    file->append("[supervisord]");
    return true;
  }
  if (const auto bad = bad_lines_of(error); !bad.empty()) {
    for (const int line : bad) file->replace(line, "");
    return true;
  }
  const Listing now = file->now();
  const ListedLine* line = now.line(place.line);
  if (!line) return false;
  switch (line->kind) {
    case Kind::Key: return replace_value(*file, place.line);
    case Kind::Header: return complete(*file, line->section) || remove(line->section);
    case Kind::Continuation:
    case Kind::Blank:
    case Kind::Other: file->replace(place.line, ""); return true;
  }
  return false;
}

bool Repairs::replace_value(EditedFile& file, int number) {
  const Listing now = file.now();
  const ListedLine& line = *now.line(number);
  const auto value = stand_in(line.section, line.key);
  file.replace(number, value ? line.text.substr(0, line.value_at) + *value : "");
  for (int next = number + 1; const ListedLine* below = now.line(next); ++next) {
    if (below->kind == Kind::Blank) continue;
    if (below->kind != Kind::Continuation) break;
    file.replace(next, "");
  }
  return true;
}

bool Repairs::complete(EditedFile& file, const std::string& section) {
  const auto [required, settled] = completion_of(kind_of(section));
  if (required.empty() || !completed_.insert(section).second) return false;
  std::set<std::string> given;
  for (const auto& [path, each] : world_.files())
    for (const ListedLine& line : each.now().lines)
      if (line.kind == Kind::Key && line.section == section) given.insert(line.key);
  const auto add = [&](std::string_view key) {
    file.append(fmt::format("{}={}", key, stand_in(section, key).value_or("")));
  };
  file.append(fmt::format("[{}]", section));
  for (const std::string_view key : required)
    if (!given.contains(std::string{key})) add(key);
  for (const std::string_view key : settled) add(key);
  return true;
}

bool Repairs::remove(const std::string& section) {
  if (!removed_.insert(section).second) return false;
  for (auto& [path, file] : world_.files()) {
    const Listing now = file.now();
    for (std::size_t i = 0; i < now.lines.size(); ++i)
      if (now.lines[i].section == section) file.replace(static_cast<int>(i) + 1, "");
  }
  return true;
}

}  // namespace upkeep::config
