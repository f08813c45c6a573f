#include "base/version.h"

namespace upkeep {

const char* version() { return UPKEEP_VERSION; }

}  // namespace upkeep
