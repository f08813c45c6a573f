#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "config/keys.h"
#include "config/loading.h"

namespace upkeep::config {
namespace {

// Sections that Supervisor knows and Upkeep does not read yet; a colon at the end stands for any name after it.
constexpr std::array<std::string_view, 3> kUnsupported = {"inet_http_server", "fcgi-program:", "eventlistener:"};

bool is_unsupported(std::string_view section) {
  return std::any_of(kUnsupported.begin(), kUnsupported.end(),
                     [&](std::string_view prefix) { return section.starts_with(prefix); });
}

// Single-character edits (insert, remove, replace) that turn one word into the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// The known key of these that the word is most likely meant to be; empty: none is close.
std::string_view closest(std::string_view word, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t least = word.size() < 5 ? 2 : 3;  // one edit in a short word, two in a longer one
  for (const std::string_view name : known) {
    const std::size_t longer = std::max(name.size(), word.size());
    if (longer - std::min(name.size(), word.size()) >= least) continue;
    if (const std::size_t edits = distance(word, name); edits < least) {
      least = edits;
      best = name;
    }
  }
  return best;
}

void hint_at_keys(Loading& loading, const Section& section, const std::vector<std::string_view>& known) {
  for (const auto& [key, value] : section.values) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (const std::string_view meant = closest(key, known); !meant.empty()) {
      loading.warn(fmt::format("{}: unknown key \"{}\" in section [{}] is ignored, did you mean \"{}\"?",
                               value.origin.text(), key, section.name, meant));
    }
  }
}

}  // namespace

void add_hints(Loading& loading) {
  const std::vector<Key> keys = all_keys();
  for (const Section& section : loading.ini.sections()) {
    if (is_unsupported(section.name)) {
      loading.warn(fmt::format("section [{}] is not supported yet and is ignored", section.name));
      continue;
    }
    const std::string_view kind = std::string_view{section.name}.substr(0, section.name.find(':'));
    std::vector<std::string_view> known;
    for (const Key& key : keys)
      if (key.section == kind) known.push_back(key.name);
    if (!known.empty()) hint_at_keys(loading, section, known);
  }
}

}  // namespace upkeep::config
