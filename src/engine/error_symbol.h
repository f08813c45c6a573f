// Error numbers as Supervisor's messages show them.
#pragma once

#include <cstring>
#include <string>

namespace upkeep::engine {

// "ENOENT"; the number itself where it has no name.
inline std::string symbol_of(int error) {
  const char* symbol = ::strerrorname_np(error);
  return symbol ? symbol : std::to_string(error);
}

}  // namespace upkeep::engine
