// The first minute of an image that replaced another: as long as it lasts, the image before it is kept and taken back
// when the new one's engines do not come up or keep failing. Pure decisions over time.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace upkeep::keeper {

inline constexpr Duration kProbation{std::chrono::minutes{1}};       // then the image before is forgotten
inline constexpr Duration kReadyPatience{std::chrono::seconds{30}};  // from the beginning to the first READY

class Probation {
 public:
  explicit Probation(Instant began) : began_(began) {}
  void ready() { was_ready_ = true; }

  // When something is next to be decided.
  Instant deadline() const { return was_ready_ ? began_ + kProbation : began_ + kReadyPatience; }
  bool is_passed(Instant now) const { return was_ready_ && now >= began_ + kProbation; }
  // Why to go back to the image before; nullopt: no reason. `keeps_failing`: engines end again and again, the last one
  // as `last_end` says.
  std::optional<std::string> failure(bool keeps_failing, const std::string& last_end, Instant now) const;

 private:
  Instant began_;
  bool was_ready_ = false;
};

}  // namespace upkeep::keeper
