#include "keeper/probation.h"

namespace upkeep::keeper {

std::optional<std::string> Probation::failure(bool keeps_failing, const std::string& last_end, Instant now) const {
  if (keeps_failing) return "its engines kept failing, the last one with: " + last_end;
  if (!was_ready_ && now >= began_ + kReadyPatience)
    return "its engine was not ready after " +
           std::to_string(std::chrono::duration_cast<std::chrono::seconds>(kReadyPatience).count()) + " seconds";
  return std::nullopt;
}

}  // namespace upkeep::keeper
