#include "app/link_name.h"

#include <limits.h>
#include <unistd.h>

#include <array>
#include <string>

namespace upkeep::app {

const Applet* applet_behind(const char* path) {
  constexpr int links_max = 40;  // as in the kernel
  std::string at = path ? path : "";
  for (int i = 0; i < links_max; ++i) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(at.c_str(), target.data(), target.size());
    if (size <= 0) return nullptr;
    const std::string next{target.data(), static_cast<std::size_t>(size)};
    if (const auto* applet = find_applet(next.substr(next.rfind('/') + 1))) return applet;
    at = next[0] == '/' ? next : at.substr(0, at.rfind('/') + 1) + next;
  }
  return nullptr;
}

}  // namespace upkeep::app
