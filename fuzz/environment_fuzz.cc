// Any bytes as the value of environment=: expansions can put anything there.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/environment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto environment = upkeep::config::parse_environment(text);
  if (!environment) {
    if (environment.error().text.empty()) std::abort();
    return 0;
  }
  // Sorted by name, each name once, and nothing but what the text holds.
  std::size_t length = 0;
  for (std::size_t i = 0; i < environment->size(); ++i) {
    const auto& [name, value] = (*environment)[i];
    length += name.size() + value.size();
    if (i > 0 && (*environment)[i - 1].first >= name) std::abort();
    if (name.empty()) std::abort();
  }
  if (length > size) std::abort();
  if (upkeep::config::merged(*environment, *environment) != *environment) std::abort();
  return 0;
}
