// The daemon about itself: what it is, and what became of the last upgrade.
#pragma once

#include <string>

namespace upkeep::engine {

enum class UpgradeState { None, UnderWay, Done, Refused, RolledBack };

struct UpgradeStatus {
  UpgradeState state = UpgradeState::None;
  std::string token;     // names the request
  std::string path;      // of the image that was asked for
  std::string from, to;  // versions; `to` is empty until the image has told
  std::string why;       // it was refused or rolled back
};

struct DaemonStatus {
  std::string version;
  int keeper_pid = 0, engine_pid = 0;
  int engine_starts = 1;  // under this keeper, the present one included
  UpgradeStatus upgrade;
};

}  // namespace upkeep::engine
