// Any bytes as the main configuration file, and the same once more from the record of the load.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "../tests/fakes/fake_world.h"
#include "base/recorded_world.h"
#include "base/shell_words.h"
#include "config/comparison.h"
#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  upkeep::FakeWorld disk;
  disk.files = {{"/etc/a.conf", bytes}, {"/etc/conf.d/b.ini", "[program:b]\ncommand=%(here)s\n"}};
  upkeep::RecordingWorld recording{disk, {"supervisord", "-c", "/etc/a.conf"}};
  const auto loaded = upkeep::config::load_supervisord({"supervisord", "-c", "/etc/a.conf"}, recording);
  const auto* config = std::get_if<upkeep::config::Config>(&loaded);
  if (!config) return 0;
  for (const auto& group : config->groups)
    for (const auto& process : group.processes)
      (void)upkeep::split_shell_words(process.command);  // any outcome is good
  if (upkeep::config::compare(config->groups, config->groups) != upkeep::config::Comparison{}) std::abort();
  auto replay = upkeep::ReplayWorld::parse(recording.bytes());
  if (!replay) std::abort();
  const auto again = upkeep::config::load_supervisord(replay->argv(), *replay);
  if (!std::holds_alternative<upkeep::config::Config>(again) || !(std::get<upkeep::config::Config>(again) == *config))
    std::abort();
  return 0;
}
