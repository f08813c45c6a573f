#include "engine/background.h"

#include <dirent.h>
#include <fmt/core.h>

#include <map>
#include <memory>
#include <string_view>

#include "base/text.h"
#include "os/file.h"

namespace upkeep::engine {
namespace {

constexpr std::size_t kEnvironmentBytesMax = 2 << 20;

constexpr std::size_t kNamed = 10;  // of processes that were left behind

// What follows `prefix` in the variable that begins so; nullopt: none does.
std::optional<std::string_view> find_variable(std::string_view environment, std::string_view prefix) {
  for (;;) {
    const auto end = environment.find('\0');
    const std::string_view variable = environment.substr(0, end);
    if (variable.starts_with(prefix)) return variable.substr(prefix.size());
    if (end == std::string_view::npos) return std::nullopt;
    environment.remove_prefix(end + 1);
  }
}

bool has_variable(std::string_view environment, const std::string& name, const std::string& value) {
  return find_variable(environment, name + "=") == value;
}

int parent_of(const std::string& pid) {
  const auto stat = os::read_file("/proc/" + pid + "/stat", 4096);
  if (!stat || stat->rfind(')') == std::string::npos) return 0;
  const auto words = split_blanks(stat->substr(stat->rfind(')') + 1));  // state, parent
  return words.size() > 1 ? static_cast<int>(parse_number(words[1]).value_or(0)) : 0;
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
    if (environment && has_variable(*environment, "SUPERVISOR_PROCESS_NAME", process) &&
        has_variable(*environment, "SUPERVISOR_GROUP_NAME", group))
      return static_cast<int>(*pid);
  }
  return std::nullopt;
}

std::vector<LeftBehind> find_left_behind(const std::string& server_url) {
  const std::unique_ptr<DIR, int (*)(DIR*)> proc{::opendir("/proc"), ::closedir};
  std::map<int, LeftBehind> found;
  while (const dirent* entry = proc ? ::readdir(proc.get()) : nullptr) {
    const auto pid = parse_number(entry->d_name);
    const std::string folder = std::string{"/proc/"} + entry->d_name;
    const auto environment =
        pid ? os::read_file(folder + "/environ", kEnvironmentBytesMax) : Result<std::string>{Error{}};
    if (!environment || !has_variable(*environment, "SUPERVISOR_SERVER_URL", server_url)) continue;
    const auto name = find_variable(*environment, "SUPERVISOR_PROCESS_NAME=");
    const auto group = find_variable(*environment, "SUPERVISOR_GROUP_NAME=");
    const int number = static_cast<int>(*pid);
    if (name && group) found[number] = {number, fmt::format("{}:{}", *group, *name)};
  }
  std::vector<LeftBehind> tops;
  for (const auto& [pid, process] : found)
    if (!found.contains(parent_of(std::to_string(pid)))) tops.push_back(process);
  return tops;
}

std::string describe(const std::vector<LeftBehind>& processes) {
  std::string text;
  for (std::size_t i = 0; i < processes.size() && i < kNamed; ++i)
    text += fmt::format("{}{} (pid {})", i > 0 ? ", " : "", processes[i].name, processes[i].pid);
  if (processes.size() > kNamed) text += fmt::format(" and {} more", processes.size() - kNamed);
  return text;
}

}  // namespace upkeep::engine
