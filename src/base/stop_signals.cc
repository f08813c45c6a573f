#include "base/stop_signals.h"

#include <algorithm>

namespace upkeep {

bool asks_to_stop(int number) {
  if (number == SIGTERM || number == SIGINT || number == SIGQUIT) return true;
  return std::find(kStopSignalsOfInit.begin(), kStopSignalsOfInit.end(), number) != kStopSignalsOfInit.end();
}

}  // namespace upkeep
