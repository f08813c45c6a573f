#include "app/commands.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "ctl/check.h"
#include "ctl/effective_config.h"
#include "ctl/upgrade.h"

namespace upkeep::app {
namespace {

constexpr std::array kCommands{
    Command{"check", ctl::check_main, "say all that is wrong or surprising with a configuration"},
    Command{"config", ctl::config_main, "show what each program really runs with, and where every value comes from"},
    Command{"upgrade", ctl::upgrade_main, "replace a running daemon by another version of itself"},
};

}  // namespace

const Command* find_command(std::string_view name) {
  const auto* found =
      std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& command) { return name == command.name; });
  return found == kCommands.end() ? nullptr : found;
}

void print_commands() {
  for (const Command& command : kCommands) std::printf("  %-22s %s\n", std::string{command.name}.c_str(), command.help);
}

}  // namespace upkeep::app
