#include "engine/spawn_plan.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <map>

#include "base/shell_words.h"
#include "base/text.h"

namespace upkeep::engine {
namespace {

constexpr const char* kDefaultPath = "/bin:/usr/bin:/usr/local/bin";

const std::string* find(const config::Environment& environment, const std::string& name) {
  for (const auto& [key, value] : environment)
    if (key == name) return &value;
  return nullptr;
}

// As Python's os.path.join().
std::string join(const std::string& directory, const std::string& word) {
  return directory.empty() || directory.back() == '/' ? directory + word : directory + "/" + word;
}

// The first existing entry wins, even when it cannot be executed: Supervisor looks no further. An empty PATH of the
// daemon counts as none, one of the program as the daemon's directory.
std::string search(const std::string& word, const config::Process& process, const SpawnSetting& setting) {
  const std::string* path = find(process.environment, "PATH");
  if (!path) {
    path = find(setting.environment, "PATH");
    if (path && path->empty()) path = nullptr;
  }
  for (const std::string& directory : split(path ? *path : kDefaultPath, ':')) {
    std::string candidate = join(directory, word);
    struct stat status {};
    if (::stat(candidate.c_str(), &status) == 0) return candidate;
  }
  return {};
}

}  // namespace

tl::expected<Command, Refused> resolve_command(const config::Process& process, const SpawnSetting& setting) {
  const auto refuse = [](Refusal code, std::string why) { return tl::unexpected(Refused{code, std::move(why)}); };
  auto words = split_shell_words(process.command);
  if (!words)
    return refuse(Refusal::NotExecutable,
                  fmt::format("can't parse command {}: {}", python_repr(process.command), words.error().text));
  if (words->empty()) return refuse(Refusal::NotExecutable, "command is empty");
  Command command{words->front(), std::move(*words)};
  if (command.file.find('/') == std::string::npos) command.file = search(command.file, process, setting);

  struct stat status {};
  if (command.file.empty() || ::stat(command.file.c_str(), &status) != 0)
    return refuse(Refusal::NoFile, "can't find command " + python_repr(command.argv.front()));
  const std::string shown = python_repr(command.file);
  if (S_ISDIR(status.st_mode)) return refuse(Refusal::NotExecutable, "command at " + shown + " is a directory");
  if ((status.st_mode & 0111) == 0) return refuse(Refusal::NotExecutable, "command at " + shown + " is not executable");
  if (::access(command.file.c_str(), X_OK) != 0)
    return refuse(Refusal::NotExecutable, "no permission to run command " + shown);
  return command;
}

wire::SpawnPlan make_spawn_plan(const config::Process& process, Command command, const SpawnSetting& setting) {
  std::map<std::string, std::string> environment{setting.environment.begin(), setting.environment.end()};
  environment["SUPERVISOR_ENABLED"] = "1";
  if (!process.server_url.empty()) environment["SUPERVISOR_SERVER_URL"] = process.server_url;
  environment["SUPERVISOR_PROCESS_NAME"] = process.name;
  environment["SUPERVISOR_GROUP_NAME"] = process.group;
  for (const auto& [key, value] : process.environment) environment[key] = value;  // may override SUPERVISOR_*

  wire::SpawnPlan plan;
  plan.file = std::move(command.file);
  plan.argv = wire::TextBlock{command.argv};
  for (const auto& [key, value] : environment) plan.environment.add(key + "=" + value);
  if (process.redirect_stderr) plan.stdio[2] = wire::StdioSource::Out;
  if (process.identity) plan.ids = wire::Ids{process.identity->uid, process.identity->gid, process.identity->groups};
  plan.directory = process.directory;
  plan.umask = process.umask;
  plan.limits = setting.limits;
  return plan;
}

wire::LastWill last_will(const core::Policy& policy) {
  using std::chrono::milliseconds;
  constexpr milliseconds kMost{std::numeric_limits<std::uint32_t>::max()};
  const milliseconds grace = std::min(std::chrono::duration_cast<milliseconds>(policy.stop_wait), kMost);
  return {policy.stop_signal, policy.stop_as_group, static_cast<std::uint32_t>(grace.count()), policy.kill_as_group};
}

}  // namespace upkeep::engine
