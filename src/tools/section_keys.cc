#include "tools/section_keys.h"

#include <algorithm>

namespace upkeep::tools {
namespace {

using config::Key;

bool is_like_a_programs(const Key& key) {
  const auto& rows = config::program_table();
  return key.name != "command" && std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
           return row.key.name == key.name && row.key.doc == key.doc;
         });
}

bool is_derived(std::string_view section) {
  return section == "eventlistener" || section == "fcgi-program" || section == "svscan";
}

std::vector<Key> keys_where(std::string_view section, bool like_a_programs) {
  std::vector<Key> keys;
  for (const Key& key : config::all_keys()) {
    if (key.section == section && (is_derived(section) && is_like_a_programs(key)) == like_a_programs)
      keys.push_back(key);
  }
  return keys;
}

}  // namespace

std::vector<Key> section_keys(std::string_view section) {
  auto keys = keys_where(section, false);
  std::stable_partition(keys.begin(), keys.end(), [](const Key& key) { return key.name == "command"; });
  return keys;
}

std::vector<Key> keys_as_of_programs(std::string_view section) { return keys_where(section, true); }

}  // namespace upkeep::tools
