#include "base/dialect.h"

#include <cstdlib>
#include <cstring>

namespace upkeep {

Dialect dialect_of(const char* setting) {
  return setting != nullptr && std::strcmp(setting, "encore") == 0 ? Dialect::Encore : Dialect::Original;
}

Dialect dialect_of_environment() { return dialect_of(std::getenv("UPKEEP_DAEMONTOOLS")); }

}  // namespace upkeep
