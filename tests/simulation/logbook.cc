#include "simulation/logbook.h"

#include <fmt/core.h>

#include <algorithm>

namespace upkeep::simulation {
namespace {

// Whether `part` is what is left of `whole` when some stretches are cut out.
bool is_cut_from(const std::string& part, const std::string& whole) {
  std::size_t at = 0;
  for (const char c : part) {
    at = whole.find(c, at);
    if (at == std::string::npos) return false;
    ++at;
  }
  return true;
}

}  // namespace

std::string Logbook::compare(const std::string& stream, const std::string& arrived, bool in_part) const {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return arrived.empty() ? "" : "nobody wrote " + arrived.substr(0, 80);
  const auto& [written, heard, dropped, is_known] = found->second;
  if (!is_known || (dropped == 0 && arrived == written)) return {};
  if (in_part && dropped == 0 && written.starts_with(arrived)) return {};
  const bool has_its_length = in_part || arrived.size() + dropped == written.size();
  if (dropped > 0 && has_its_length && is_cut_from(arrived, written)) return {};
  const auto differs = std::mismatch(written.begin(), written.end(), arrived.begin(), arrived.end());
  const auto at = static_cast<std::size_t>(differs.first - written.begin());
  return fmt::format("of {} bytes {} arrived, {} are counted as dropped; they differ at {}: '{}' instead of '{}'",
                     written.size(), arrived.size(), dropped, at, arrived.substr(std::min(at, arrived.size()), 40),
                     written.substr(at, 40));
}

std::uint64_t Logbook::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [name, stream] : streams_) sum += stream.written.size();
  return sum;
}

}  // namespace upkeep::simulation
