#include "engine/upgrade.h"

#include <fmt/core.h>

#include "base/version.h"
#include "engine/image_file.h"

namespace upkeep::engine {
namespace {

std::string token_of(const wire::UpgradeReport& report) {
  return std::to_string(report.asked.time_since_epoch().count());
}

UpgradeState state_of(wire::UpgradeOutcome outcome) {
  switch (outcome) {
    case wire::UpgradeOutcome::Done: return UpgradeState::Done;
    case wire::UpgradeOutcome::Refused: return UpgradeState::Refused;
    case wire::UpgradeOutcome::RolledBack: return UpgradeState::RolledBack;
  }
  return UpgradeState::None;
}

}  // namespace

Upgrade::Upgrade(KeeperLink& link, const wire::Welcome& welcome, LogLine log)
    : link_(link), log_(std::move(log)), last_(welcome.upgrade), is_news_(welcome.upgrade_is_news) {}

tl::expected<std::string, Refused> Upgrade::ask(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    log_(LogLevel::Warn, "the upgrade was refused: " + why);
    return tl::unexpected{Refused{Refusal::Failed, why}};
  };
  if (under_way_) return refuse("another one is under way");
  wire::UpgradeReport report;
  report.asked = wall_now();
  report.path = path.empty() ? own_image_path() : path;
  report.from = version();
  const auto image = open_image(report.path);
  if (!image) return refuse(image.error().text);
  if (!link_.upgrade({report.asked, report.path}, *image)) return refuse("too many open files");
  log_(LogLevel::Info, fmt::format("upgrade to {} asked for", report.path));
  under_way_ = std::move(report);
  return token_of(*under_way_);
}

void Upgrade::failed(wire::UpgradeReport report) {
  under_way_.reset();
  last_ = std::move(report);
  log_(LogLevel::Warn, fmt::format("the upgrade to {} was refused: {}", last_->path, last_->why));
}

bool Upgrade::say_how_we_came(long processes) const {
  if (!is_news_ || !last_) return false;
  if (last_->outcome == wire::UpgradeOutcome::Done)
    log_(LogLevel::Info,
         fmt::format("upgraded from {} to {}: {} processes went on running", last_->from, version(), processes));
  if (last_->outcome == wire::UpgradeOutcome::RolledBack)
    log_(LogLevel::Critical,
         fmt::format("the upgrade from {} to {}{} was taken back: {}; {} processes went on running", last_->from,
                     last_->path, last_->to.empty() ? "" : " (" + last_->to + ")", last_->why, processes));
  if (last_->outcome == wire::UpgradeOutcome::Refused)
    log_(LogLevel::Warn, fmt::format("the upgrade to {} was refused: {}", last_->path, last_->why));
  return last_->outcome != wire::UpgradeOutcome::Refused;
}

UpgradeStatus Upgrade::status() const {
  const auto& report = under_way_ ? under_way_ : last_;
  if (!report) return {};
  return {under_way_ ? UpgradeState::UnderWay : state_of(report->outcome),
          token_of(*report),
          report->path,
          report->from,
          report->to,
          report->why};
}

std::optional<wire::UpgradeReport> Upgrade::died_of() const {
  auto report = under_way_;
  if (!report) return std::nullopt;
  report->outcome = wire::UpgradeOutcome::RolledBack;
  report->why = "it ended as soon as it was started";
  return report;
}

}  // namespace upkeep::engine
