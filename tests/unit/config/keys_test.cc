#include "config/keys.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace upkeep::config {
namespace {

TEST(Keys, AreUniqueAndDocumented) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  std::set<char> letters{'c', 'h', '?', 'v'};
  for (const Key& key : all_keys()) {
    EXPECT_TRUE(seen.insert({key.section, key.name}).second) << key.section << "." << key.name;
    EXPECT_FALSE(key.section.empty() || key.type.empty() || key.since.empty()) << key.name;
    EXPECT_TRUE(key.doc.ends_with('.')) << key.name << ": " << key.doc;
    if (key.option && key.option->letter) {
      EXPECT_TRUE(letters.insert(key.option->letter).second) << key.name;
    }
  }
}

// The rows of the page's table: name of the key → the rest of its row. A row may have several names.
std::map<std::string, std::string> rows_of_page(const std::string& page, const std::string& heading) {
  std::ifstream in{std::string{UPKEEP_SOURCE_DIR} + "/docs/" + page};
  std::map<std::string, std::string> rows;
  bool is_there = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) is_there = line == heading;
    if (!is_there || !line.starts_with("| `")) continue;
    const std::size_t end = line.find(" |");
    std::istringstream names{line.substr(2, end - 2)};
    for (std::string name; names >> name;) {
      if (name.ends_with(',')) name.pop_back();
      rows[name.substr(1, name.size() - 2)] = line.substr(end);
    }
  }
  return rows;
}

TEST(Keys, OfServicesAreThoseOfTheirPage) {
  auto rows = rows_of_page("daemontools.md", "### Keys of [svscan:NAME]");
  for (const auto& setting : svscan_table()) {
    const std::string name{setting.key.name};
    ASSERT_TRUE(rows.contains(name)) << name;
    const std::string row = rows[name];
    const std::string fallback{setting.key.fallback.value_or("")};
    if (!fallback.empty() && !name.starts_with("stderr_")) {  // "as above"
      EXPECT_NE(row.find("| `" + fallback + "` |"), std::string::npos) << name << row;
    }
    rows.erase(name);
  }
  EXPECT_TRUE(rows.empty()) << rows.begin()->first << " is no key";
}

}  // namespace
}  // namespace upkeep::config
