#include "tools/key_reference.h"

#include <fmt/core.h>

#include <algorithm>

#include "tools/section_keys.h"

namespace upkeep::tools {
namespace {

using config::Key;
using config::Scope;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view{"\\*_~`#[]|"}.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

bool is_required(const Key& key) { return key.doc.find("required") != std::string_view::npos; }

std::vector<Key> in_order(std::vector<Key> keys) {
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
    return std::pair{!is_required(a), a.name} < std::pair{!is_required(b), b.name};
  });
  return keys;
}

std::string default_of(const Key& key) {
  if (is_required(key) || key.doc.find("default:") != std::string_view::npos) return "";
  if (!key.fallback) return "No default. ";
  if (key.fallback->empty()) return "Default: empty. ";
  return fmt::format("Default: *{}*. ", escaped(*key.fallback));
}

std::string_view names_of(Scope scope) {
  switch (scope) {
    case Scope::Variables: return "ENV_X";
    case Scope::Here: return "here, ENV_X";
    case Scope::Socket: return "here, program_name, ENV_X";
    case Scope::Host: return "here, host_node_name, ENV_X";
    case Scope::Program: return "here, host_node_name, program_name, group_name, ENV_X";
    case Scope::Process: return "here, host_node_name, program_name, group_name, process_num, numprocs, ENV_X";
  }
  return "";
}

std::string since(const Key& key) {
  if (key.since == config::kUpkeepAlone) return "Upkeep alone; Supervisor ignores it.";
  return fmt::format("Since Supervisor {}.", key.since);
}

void write_key(std::string& out, const Key& key) {
  out += fmt::format("*{}* = _{}_\n", escaped(key.name), escaped(key.type));
  out += fmt::format("\t{}++\n", escaped(key.doc));
  out += fmt::format("{}Example: *{}={}*++\n", default_of(key), escaped(key.name), escaped(key.example));
  out += fmt::format("Expands: {}. {}\n\n", escaped(names_of(key.scope)), since(key));
}

}  // namespace

std::string key_reference(std::string_view section) {
  std::string out;
  for (const Key& key : in_order(section_keys(section))) write_key(out, key);
  std::string others;
  for (const Key& key : in_order(keys_as_of_programs(section)))
    others += fmt::format("{}*{}*", others.empty() ? "" : ", ", escaped(key.name));
  if (!others.empty()) out += fmt::format("As in [program:x]: {}.\n\n", others);
  return out;
}

std::string option_reference() {
  std::string out;
  for (const Key& key : in_order(section_keys("supervisord"))) {
    if (!key.option) continue;
    const std::string_view value = key.option->is_flag ? "" : " _VALUE_";
    if (key.option->letter) out += fmt::format("*-{}*{}, ", key.option->letter, value);
    out += fmt::format("*--{}*{}\n\t{}\n\n", escaped(key.name), value, escaped(key.doc));
  }
  return out;
}

}  // namespace upkeep::tools
