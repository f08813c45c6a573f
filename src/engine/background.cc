#include "engine/background.h"

#include <string_view>

#include "base/text.h"
#include "os/file.h"

namespace upkeep::engine {
namespace {

constexpr std::size_t kEnvironmentBytesMax = 2 << 20;

bool has_variable(std::string_view environment, const std::string& assignment) {
  for (;;) {
    const auto end = environment.find('\0');
    if (environment.substr(0, end) == assignment) return true;
    if (end == std::string_view::npos) return false;
    environment.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<int> find_background_child(int keeper_pid, const std::string& group, const std::string& process,
                                         const std::set<int>& known) {
  const std::string keeper = std::to_string(keeper_pid);
  const auto children = os::read_file("/proc/" + keeper + "/task/" + keeper + "/children");
  if (!children) return std::nullopt;
  for (const std::string& word : split_blanks(*children)) {
    const auto pid = parse_number(word);
    if (!pid || known.contains(static_cast<int>(*pid))) continue;
    const auto environment = os::read_file("/proc/" + word + "/environ", kEnvironmentBytesMax);
    if (environment && has_variable(*environment, "SUPERVISOR_PROCESS_NAME=" + process) &&
        has_variable(*environment, "SUPERVISOR_GROUP_NAME=" + group))
      return static_cast<int>(*pid);
  }
  return std::nullopt;
}

}  // namespace upkeep::engine
