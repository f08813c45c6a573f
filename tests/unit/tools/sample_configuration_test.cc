#include "tools/sample_configuration.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "config/keys.h"

namespace upkeep::tools {
namespace {

struct Line {
  std::string section, key, value;
};

// Every key with its section's kind, whether it is a comment or not.
std::vector<Line> keys_shown() {
  std::vector<Line> shown;
  std::istringstream in{sample_configuration()};
  std::string section;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line == ";" || line.starts_with("; ")) continue;
    if (line.front() == ';') line.erase(0, 1);
    if (line.front() == '[') {
      section = line.substr(1, line.find_first_of(":]") - 1);
    } else if (const auto equals = line.find('='); equals != std::string::npos) {
      shown.push_back({section, line.substr(0, equals), line.substr(equals + 1)});
    }
  }
  return shown;
}

TEST(SampleConfiguration, ShowsEveryKeyOnce) {
  std::multiset<std::string> shown;
  for (const Line& line : keys_shown()) shown.insert(line.section + " " + line.key);
  for (const config::Key& key : config::all_keys()) {
    const std::string name = std::string{key.section} + " " + std::string{key.name};
    const bool is_of_a_program = shown.contains("program " + std::string{key.name});
    EXPECT_EQ(shown.count(name), is_of_a_program && !shown.contains(name) ? 0u : 1u) << name;
  }
}

TEST(SampleConfiguration, HasAnExampleForEveryKey) {
  for (const Line& line : keys_shown()) EXPECT_NE(line.value, "") << line.section << " " << line.key;
}

}  // namespace
}  // namespace upkeep::tools
