// The engine's part in an upgrade: it finds the new image and hands it to the keeper, which does the rest. What became
// of the last upgrade is known here, whichever engine asked for it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/log_level.h"
#include "engine/control.h"
#include "engine/daemon_status.h"
#include "engine/keeper_link.h"

namespace upkeep::engine {

class Upgrade {
 public:
  using LogLine = std::function<void(LogLevel, const std::string&)>;
  Upgrade(KeeperLink& link, const wire::Welcome& welcome, LogLine log);

  // See Control::upgrade.
  tl::expected<std::string, Refused> ask(const std::string& path);
  // The keeper did not take the image, or went back to the one before.
  void failed(wire::UpgradeReport report);
  // When this engine begins: tells how its image came to run, if that is news. True: this explains why it began.
  bool say_how_we_came(long processes) const;

  UpgradeStatus status() const;
  // For the keeper that follows this one: an upgrade that it died of.
  std::optional<wire::UpgradeReport> died_of() const;

 private:
  KeeperLink& link_;
  LogLine log_;
  std::optional<wire::UpgradeReport> last_, under_way_;
  bool is_news_;
};

}  // namespace upkeep::engine
