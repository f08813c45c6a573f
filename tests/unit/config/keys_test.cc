#include "config/keys.h"

#include <gtest/gtest.h>

#include <set>

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

}  // namespace
}  // namespace upkeep::config
