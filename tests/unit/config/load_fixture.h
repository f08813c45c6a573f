// Loads a configuration from text in a FakeWorld, as /etc/a.conf.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "config/load.h"
#include "fakes/fake_world.h"

namespace upkeep::config {

class LoadTest : public testing::Test {
 protected:
  FakeWorld world_;
  std::vector<std::string> argv_{"/usr/bin/supervisord", "-c", "/etc/a.conf"};

  Loaded load(const std::string& text) {
    world_.files["/etc/a.conf"] = text;
    return load_supervisord(argv_, world_);
  }
  Config good(const std::string& text) {
    Loaded loaded = load(text);
    if (auto* config = std::get_if<Config>(&loaded)) return *config;
    const auto* error = std::get_if<LoadError>(&loaded);
    ADD_FAILURE() << (error ? error->text : "no configuration") << "\nin\n" << text;
    return {};
  }
  // The only process of the only group.
  Process process(const std::string& text) {
    const Config config = good(text);
    if (config.groups.size() == 1 && config.groups[0].processes.size() == 1) return config.groups[0].processes[0];
    ADD_FAILURE() << "not one process\nin\n" << text;
    return {};
  }
  // [program:web] with command=x on line 3 and `lines` from line 4.
  Process program(const std::string& lines) { return process("[supervisord]\n[program:web]\ncommand=x\n" + lines); }

  void expect_error(const std::string& text, const std::string& words, const std::string& where) {
    const Loaded loaded = load(text);
    const auto* error = std::get_if<LoadError>(&loaded);
    ASSERT_TRUE(error) << "accepted:\n" << text;
    EXPECT_EQ(error->text, words);
    EXPECT_EQ(error->where, where) << text;
  }
  void expect_program_error(const std::string& line, const std::string& words) {
    expect_error("[supervisord]\n[program:web]\ncommand=x\n" + line,
                 words + " in section 'program:web' (file: '/etc/a.conf')", "/etc/a.conf:4");
  }
  static bool has_notice(const Config& config, LogLevel level, const std::string& text) {
    for (const Notice& notice : config.notices)
      if (notice == Notice{level, text}) return true;
    return false;
  }
};

}  // namespace upkeep::config
