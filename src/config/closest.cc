#include "config/closest.h"

#include <algorithm>

namespace upkeep::config {
namespace {

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

}  // namespace

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

}  // namespace upkeep::config
