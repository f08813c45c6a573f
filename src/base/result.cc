#include "base/result.h"

#include <cstring>

namespace upkeep {

Error Error::from_errno(const std::string& what, int code) {
  char buffer[128];
  return {what + ": " + ::strerror_r(code, buffer, sizeof buffer), code};
}

}  // namespace upkeep
