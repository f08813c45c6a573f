#include "multilog/trouble.h"

#include <fmt/core.h>
#include <poll.h>

#include "base/errno_words.h"
#include "daemontools/complaint.h"

namespace upkeep::multilog {

std::string pausing(const Error& error) {
  if (error.code == 0) return error.text + ", pausing";
  return fmt::format("{}, pausing: {}", error.text, errno_words(error.code));
}

void PausingTrouble::pause(const std::string& warning) {
  daemontools::warn(kTool, warning);
  const Instant end = monotonic_now() + kPause;
  for (Duration left = kPause; left > Duration::zero(); left = end - monotonic_now())
    (void)::poll(nullptr, 0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

}  // namespace upkeep::multilog
