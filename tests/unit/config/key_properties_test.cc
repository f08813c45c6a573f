// What the table of keys documents is what the parser does: default, type and scope of every key of every section.
#include <gmock/gmock.h>

#include <map>
#include <tuple>

#include "base/text.h"
#include "config/keys.h"
#include "config/supervisorctl_settings.h"
#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

// The least that makes a section of this kind good, with every value in it different from its default.
const std::map<std::string_view, std::pair<std::string, Lines>>& sections() {
  static const std::map<std::string_view, std::pair<std::string, Lines>> kSections = {
      {"include", {"include", {{"files", "b.conf"}}}},
      {"supervisord", {"supervisord", {}}},
      {"program", {"program:a", {{"command", "c %(process_num)d"}}}},
      {"group", {"group:g", {}}},
      {"eventlistener", {"eventlistener:a", {{"command", "c %(process_num)d"}, {"events", "EVENT"}}}},
      {"fcgi-program", {"fcgi-program:a", {{"command", "c %(process_num)d"}, {"socket", "unix:///s"}}}},
      {"svscan", {"svscan:a", {{"directory", "/tmp"}}}},
      {"inet_http_server", {"inet_http_server", {{"port", "9001"}, {"username", "u"}, {"password", "p"}}}},
      {"unix_http_server", {"unix_http_server", {{"file", "s"}, {"username", "u"}, {"password", "p"}}}},
      {"rpcinterface",
       {"rpcinterface:x", {{"supervisor.rpcinterface_factory", "supervisor.rpcinterface:make_main_rpcinterface"}}}},
      {"supervisorctl", {"supervisorctl", {}}},
  };
  return kSections;
}

struct Sample {
  std::string good;                // not the default of any key
  std::optional<std::string> bad;  // nullopt: every text is good
};

Sample sample_of(const Key& key) {
  static const std::map<std::string_view, Sample> kOfKeys = {
      {"numprocs", {"0", "x"}},  // more would need another process_name
      {"process_name", {"other", "a/b"}},
  };
  static const std::map<std::string_view, Sample> kOfTypes = {
      {"text", {"other", {}}},
      {"boolean", {"on", "maybe"}},
      {"integer", {"7", "x"}},
      {"seconds", {"7", "1.5"}},
      {"byte size", {"7kb", "7K"}},
      {"octal", {"017", "9"}},
      {"log level", {"Debug", "warning"}},
      {"existing directory", {"/", "/no/such"}},
      {"file in an existing directory", {"/tmp/f", "/no/such/f"}},
      {"log file, NONE or AUTO", {"/tmp/f", "/no/such/f"}},
      {"signal", {"HUP", "HOP"}},
      {"exit codes", {"0,3", "256"}},
      {"boolean or unexpected", {"on", "sometimes"}},
      {"original or encore", {"encore", "runit"}},
      {"raw, lines or json", {"lines", "xml"}},
      {"absolute path", {"/run/services", "run/services"}},
      {"user", {"root", "nobody-such"}},
      {"user[:group]", {"web:www", "web:no-such"}},
      {"KEY=value pairs", {"A=1", "A="}},
      {"list of programs", {"other", "missing"}},
      {"list of event types", {"tick", "TOCK"}},
      {"list of names", {"other", {}}},
      {"tcp://host:port or unix:///path", {"tcp://h:1", "h:1"}},
      {"integer from 1 to 65535", {"7", "0"}},
      {"[host:]port", {"h:1", "h:0"}},
  };
  if (key.fallback == "true") return {"off", "maybe"};
  if (const auto found = kOfKeys.find(key.name); found != kOfKeys.end()) return found->second;
  const auto found = kOfTypes.find(key.type);
  EXPECT_NE(found, kOfTypes.end()) << "no sample of the type " << key.type;
  return found == kOfTypes.end() ? Sample{} : found->second;
}

std::vector<std::string> names_of(Scope scope) {
  std::vector<std::string> names{"ENV_HOME"};
  const auto add = [&](std::initializer_list<const char*> more) {
    names.insert(names.end(), more.begin(), more.end());
  };
  if (scope >= Scope::Here) add({"here"});
  if (scope == Scope::Socket) add({"program_name"});
  if (scope >= Scope::Host) add({"host_node_name"});
  if (scope >= Scope::Program) add({"program_name", "group_name"});
  if (scope >= Scope::Process) add({"process_num", "numprocs"});
  return names;
}

struct Outcome {
  std::string error, where;  // empty: accepted
  Config config;
  std::tuple<std::string, std::optional<std::string>, std::optional<std::string>, std::string,
             std::optional<std::string>>
      ctl;
  bool is_good() const { return error.empty(); }
};

class KeyPropertiesTest : public LoadTest {
 protected:
  KeyPropertiesTest() { world_.files["/etc/other.conf"] = ""; }

  // Loads the key's section with the key on its last line, or without it.
  Outcome run(const Key& key, const std::optional<std::string>& value) {
    const auto& [header, lines] = sections().at(key.section);
    std::string text = "[supervisord]\n";
    if (key.section == "group") text += "[program:other]\ncommand=x\n";
    if (key.section == "supervisord") text = "[program:other]\ncommand=x\n";
    text += "[" + header + "]\n";
    for (const auto& [name, given] : lines)
      if (name != key.name) text += name + "=" + given + "\n";
    line_ = 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    if (value) text += std::string{key.name} + "=" + *value + "\n";
    return key.section == "supervisorctl" ? run_ctl(text) : run_daemon(text);
  }

  std::string place() const { return "/etc/a.conf:" + std::to_string(line_); }

 private:
  Outcome run_daemon(const std::string& text) {
    Loaded loaded = load(text);
    if (auto* error = std::get_if<LoadError>(&loaded)) return {error->text, error->where, {}, {}};
    return {{}, {}, std::get<Config>(std::move(loaded)), {}};
  }
  Outcome run_ctl(const std::string& text) {
    world_.files["/etc/a.conf"] = text;
    const auto read = load_supervisorctl("/etc/a.conf", "/usr/bin/supervisorctl", world_);
    if (!read) return {read.error().text, place(), {}, {}};  // its errors name no place
    return {{}, {}, {}, {read->server_url, read->username, read->password, read->prompt, read->history_file}};
  }

  int line_ = 0;
};

bool is_same(Outcome a, Outcome b) {
  a.config.notices.clear();
  b.config.notices.clear();
  return a.error == b.error && a.config == b.config && a.ctl == b.ctl;
}

TEST_F(KeyPropertiesTest, TheDefaultIsWhatNothingMeans) {
  for (const Key& key : all_keys()) {
    if (!key.fallback) continue;
    Outcome nothing = run(key, std::nullopt);
    if (key.section == "eventlistener" && key.name == "priority") {
      // The one that is two: the documented default is the pool's, its processes have the program's.
      ASSERT_TRUE(nothing.is_good());
      EXPECT_EQ(std::to_string(nothing.config.groups.at(0).priority), *key.fallback);
      nothing.config.groups[0].processes.at(0).priority = nothing.config.groups[0].priority;
    }
    EXPECT_TRUE(is_same(nothing, run(key, std::string{*key.fallback}))) << key.section << "." << key.name;
  }
}

TEST_F(KeyPropertiesTest, ValuesOfTheTypeAreAcceptedAndReadBySomebody) {
  for (const Key& key : all_keys()) {
    const Outcome outcome = run(key, sample_of(key).good);
    Outcome nothing = run(key, std::nullopt);
    if (key.section == "eventlistener" && key.name == "redirect_stderr") {
      EXPECT_FALSE(outcome.is_good());
      continue;
    }
    EXPECT_TRUE(outcome.is_good()) << key.section << "." << key.name << ": " << outcome.error;
    EXPECT_FALSE(is_same(outcome, nothing)) << key.section << "." << key.name << " has no effect";
  }
}

TEST_F(KeyPropertiesTest, OtherValuesAreRefusedWithTheirPlace) {
  for (const Key& key : all_keys()) {
    const auto bad = sample_of(key).bad;
    if (!bad) continue;
    const Outcome outcome = run(key, *bad);
    EXPECT_FALSE(outcome.is_good()) << key.section << "." << key.name << "=" << *bad;
    EXPECT_EQ(outcome.where, place()) << key.section << "." << key.name << "=" << *bad;
  }
}

// A precision of 0 leaves nothing of a name, so the value stays good.
TEST_F(KeyPropertiesTest, ExactlyTheNamesOfTheScopeExpand) {
  for (const Key& key : all_keys()) {
    const std::string good =
        key.section == "eventlistener" && key.name == "redirect_stderr" ? "off" : sample_of(key).good;
    const std::vector<std::string> known = names_of(key.scope);
    const Outcome plain = run(key, good);
    for (const std::string& name : std::vector<std::string>{"ENV_HOME", "here", "host_node_name", "program_name",
                                                            "group_name", "process_num", "numprocs", "nope"}) {
      const Outcome outcome = run(key, good + "%(" + name + ").0s");
      const std::string what = std::string{key.section} + "." + std::string{key.name} + " with " + name;
      if (std::find(known.begin(), known.end(), name) != known.end()) {
        EXPECT_TRUE(outcome.is_good()) << what << ": " << outcome.error;
        EXPECT_TRUE(is_same(outcome, plain)) << what;
      } else {
        EXPECT_THAT(outcome.error, testing::HasSubstr("('" + name + "') which cannot be expanded")) << what;
        EXPECT_EQ(outcome.where, place()) << what;
      }
    }
  }
}

TEST_F(KeyPropertiesTest, UnknownKeysChangeNothing) {
  for (const auto& [section, skeleton] : sections()) {
    if (section == "rpcinterface") continue;  // they are arguments there
    Key key;
    key.section = section;
    key.name = "unheard_of";
    const Outcome outcome = run(key, "%(nope)s %");
    EXPECT_TRUE(outcome.is_good()) << section << ": " << outcome.error;
    EXPECT_TRUE(is_same(outcome, run(key, std::nullopt))) << section;
  }
}

TEST_F(KeyPropertiesTest, EverySectionOfTheTableIsTested) {
  for (const Key& key : all_keys()) EXPECT_TRUE(sections().contains(key.section)) << key.section;
}

}  // namespace
}  // namespace upkeep::config
