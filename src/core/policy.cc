#include "core/policy.h"

#include <algorithm>

namespace upkeep::core {

Instant later(Instant from, Duration wait) {
  Duration::rep sum = 0;
  if (__builtin_add_overflow(from.time_since_epoch().count(), wait.count(), &sum)) return Instant::max();
  return Instant{Duration{sum}};
}

bool Policy::expects(const ExitStatus& status) const {
  return status.kind == ExitStatus::Kind::Exited && std::ranges::find(exit_codes, status.value) != exit_codes.end();
}

bool Policy::wants_restart(const ExitStatus& status) const {
  switch (restart) {
    case Restart::Never: return false;
    case Restart::Unexpected: return !expects(status);
    case Restart::Always: break;
  }
  return true;
}

Duration Policy::backoff(int failures) const {
  Duration::rep wait = 0;
  return __builtin_mul_overflow(backoff_step.count(), failures, &wait) ? Duration::max() : Duration{wait};
}

}  // namespace upkeep::core
