#include "config/keys.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

TEST(Keys, AreUniqueAndDocumented) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  std::set<char> letters{'c', 'h', '?', 'v'};
  for (const Key& key : all_keys()) {
    EXPECT_TRUE(seen.insert({key.section, key.name}).second) << key.section << "." << key.name;
    EXPECT_FALSE(key.section.empty() || key.type.empty() || key.since.empty()) << key.name;
    EXPECT_TRUE(key.doc.ends_with('.')) << key.name << ": " << key.doc;
    EXPECT_FALSE(key.example.empty()) << key.section << "." << key.name;
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

// A file that holds `key` with its example, and what else its section needs.
std::string file_with_example(const Key& key) {
  static const std::map<std::string_view, std::string_view> kNeeded{
      {"include", ""},
      {"supervisord", ""},
      {"group", "programs=web\n"},
      {"program", "command=x\nprocess_name=%(program_name)s_%(process_num)d\n"},
      {"eventlistener", "command=x\nprocess_name=%(program_name)s_%(process_num)d\nevents=EVENT\n"},
      {"fcgi-program", "command=x\nprocess_name=%(program_name)s_%(process_num)d\nsocket=unix:///run/x\n"},
      {"svscan", "directory=/etc/service\n"},
      {"inet_http_server", "port=9001\nusername=me\npassword=x\n"},
      {"unix_http_server", "file=/run/x\nusername=me\npassword=x\n"},
      {"rpcinterface", "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"},
      {"supervisorctl", ""},
  };
  static const std::set<std::string_view> kNamed{"group",        "program", "eventlistener",
                                                 "fcgi-program", "svscan",  "rpcinterface"};
  std::string text = "[supervisord]\n";
  if (key.section == "group") text += "[program:web]\ncommand=x\n[program:worker]\ncommand=x\n";
  if (key.section != "supervisord") {
    const std::string name = key.section == "rpcinterface" ? ":supervisor" : ":x";
    text += "[" + std::string{key.section} + (kNamed.contains(key.section) ? name : "") + "]\n";
  }
  std::istringstream needed{std::string{kNeeded.at(key.section)}};
  for (std::string line; std::getline(needed, line);)
    if (!line.starts_with(std::string{key.name} + "=")) text += line + "\n";
  return text + std::string{key.name} + "=" + std::string{key.example} + "\n";
}

class KeyExamples : public LoadTest {};

TEST_F(KeyExamples, AreAccepted) {
  for (const char* directory : {"/srv", "/var/log", "/var/log/upkeep", "/run", "/etc/service", "/srv/x"})
    world_.directories.insert(directory);
  for (const char* name : {"upkeep", "www-data", "admin"}) world_.users.push_back({name, 2000, 2000, "/", {2000}});
  world_.groups.insert({{"www-data", 2000}, {"adm", 4}});
  for (const Key& key : all_keys()) {
    const Config config = good(file_with_example(key));
    for (const Notice& notice : config.notices) {
      EXPECT_EQ(notice.text.find(key.name), std::string::npos) << notice.text;
    }
  }
}

}  // namespace
}  // namespace upkeep::config
