#include "config/check.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "config/checking.h"
#include "config/load.h"
#include "config/repair.h"

namespace upkeep::config {
namespace {

constexpr int kErrorsMax = 200;  // a load for each; nobody reads more

std::vector<Listing> listings_of(EditedWorld& world) {  // each file once
  std::vector<Listing> listings;
  for (const std::string& path : world.order()) {
    const auto is_same = [&](const Listing& listing) { return listing.file == path; };
    if (std::none_of(listings.begin(), listings.end(), is_same)) listings.push_back(world.file(path)->original());
  }
  return listings;
}

// Loads until there is no error left that can be got past.
std::optional<Config> load_all(const std::vector<std::string>& argv, EditedWorld& world, Checking& checking) {
  Repairs repairs{world};
  for (int errors = 0; errors < kErrorsMax; ++errors) {
    world.forget_order();
    Loaded loaded = load_supervisord(argv, world);
    if (auto* config = std::get_if<Config>(&loaded)) return std::move(*config);
    const auto* error = std::get_if<LoadError>(&loaded);
    if (!error) return std::nullopt;
    if (!repairs.has_caused(*error)) check_error(checking, *error);
    if (!repairs.past(*error)) return std::nullopt;
  }
  return std::nullopt;
}

std::vector<Finding> in_order(std::vector<Finding> findings, const std::vector<Listing>& listings) {
  std::map<std::string, std::size_t> places;
  for (const Listing& listing : listings) places.emplace(listing.file, places.size());
  const auto rank = [&](const Finding& finding) {
    const auto place = places.find(finding.file);
    return std::tuple{place == places.end() ? places.size() : place->second, finding.line, finding.column,
                      -static_cast<int>(finding.severity), std::string_view{finding.rule}};
  };
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const Finding& a, const Finding& b) { return rank(a) < rank(b); });
  const auto is_same = [&](const Finding& a, const Finding& b) { return rank(a) == rank(b) && a.what == b.what; };
  findings.erase(std::unique(findings.begin(), findings.end(), is_same), findings.end());
  return findings;
}

}  // namespace

std::size_t CheckReport::count(Severity severity) const {
  return static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(),
                                                [&](const Finding& finding) { return finding.severity == severity; }));
}

CheckReport check(const std::optional<std::string>& file, World& world) {
  std::vector<std::string> argv{"supervisord"};
  if (file) argv.insert(argv.end(), {"-c", *file});
  EditedWorld edited{world};
  Checking checking{edited};
  const auto config = load_all(argv, edited, checking);
  const std::vector<Listing> listings = listings_of(edited);
  if (config) {
    const Ini ini = edited.ini();
    const CheckedConfig checked{checking, *config, ini};
    check_notices(checked);
    check_reading(checked, listings);
    check_commands(checked);
    check_logs(checked);
    check_programs(checked);
    check_servers(checked);
  }
  return {listings.empty() ? file.value_or("") : listings.front().file, in_order(checking.findings(), listings)};
}

}  // namespace upkeep::config
