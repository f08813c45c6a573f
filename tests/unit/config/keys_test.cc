#include "config/keys.h"

#include <gtest/gtest.h>

#include <set>

#include "fakes/fake_world.h"

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

template <class S>
void expect_good_defaults(const Table<S>& rows) {
  FakeWorld world;
  for (const auto& setting : rows) {
    S settings;
    if (setting.key.fallback) {
      EXPECT_TRUE(setting.store(settings, {std::string{*setting.key.fallback}, {}, {}}, world)) << setting.key.name;
    }
  }
}

TEST(Keys, DefaultsConvert) {
  expect_good_defaults(include_table());
  expect_good_defaults(daemon_table());
  expect_good_defaults(group_table());
  expect_good_defaults(program_table());
  expect_good_defaults(unix_server_table());
  expect_good_defaults(rpc_interface_table());
  expect_good_defaults(ctl_table());
}

}  // namespace
}  // namespace upkeep::config
