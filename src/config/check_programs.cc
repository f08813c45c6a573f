// Settings of programs that load and still can hardly be meant: directories, order, time to stop.
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/shell_words.h"
#include "base/text.h"
#include "config/checking.h"

namespace upkeep::config {
namespace {

// Options by which servers are told how long they may take to stop.
constexpr std::array<std::string_view, 3> kGraceOptions = {"--graceful-timeout", "--timeout-graceful-shutdown",
                                                           "--shutdown-timeout"};

long long seconds(Duration time) { return std::chrono::duration_cast<std::chrono::seconds>(time).count(); }

void check_directory(const CheckedConfig& checked, const Group& group, const Process& process) {
  if (!process.directory || process.directory->empty()) return;
  const std::string& directory = *process.directory;
  const Spot spot = checked.spot(group, process, "directory");
  const bool is_home = directory.starts_with('~');
  const bool is_quoted = directory.starts_with('"') || directory.starts_with('\'');
  if (!directory.starts_with('/') && !is_home && !is_quoted) {
    checked.report(Severity::Surprise, "relative-path", spot,
                   {fmt::format("{} begins in the directory that supervisord is in", directory),
                    "nothing is relative to the file", "write a whole path, for example with %(here)s"});
  }
  const auto permissions = checked.world().permissions(directory);
  if (!permissions || !S_ISDIR(permissions->mode)) {
    return checked.report(Severity::Warning, "directory", spot,
                          {fmt::format("there is no directory {}", directory), "every start will fail",
                           is_home     ? "write the whole path: ~ is not replaced"
                           : is_quoted ? "leave the quotes away"
                                       : "mkdir -p " + directory});
  }
  const Identity user = checked.user_of(process);
  if (is_allowed(*permissions, user, 1)) return;
  checked.report(Severity::Warning, "directory", spot,
                 {fmt::format("{} may not enter {} (mode {:04o})", user.name, directory, permissions->mode & 07777U),
                  "every start will fail", "let the user enter it, or name another"});
}

// The seconds that the command itself asks for; nullopt: none.
std::optional<long long> own_grace(const std::string& command) {
  const auto words = split_shell_words(command);
  if (!words) return std::nullopt;
  for (std::size_t i = 0; i < words->size(); ++i) {
    for (const std::string_view option : kGraceOptions) {
      const std::string_view word = (*words)[i];
      if (word == option && i + 1 < words->size()) return parse_number((*words)[i + 1]);
      if (word.starts_with(option) && word.substr(option.size()).starts_with('='))
        return parse_number(word.substr(option.size() + 1));
    }
  }
  return std::nullopt;
}

void check_stop(const CheckedConfig& checked, const Group& group, const Process& process) {
  const long long wait = seconds(process.policy.stop_wait);
  if (const auto own = own_grace(process.command); own && *own > wait) {
    checked.report(Severity::Surprise, "stop-time", checked.spot(group, process, "stopwaitsecs"),
                   {fmt::format("SIGKILL comes after {} seconds, while the program takes up to {} to stop", wait, *own),
                    {},
                    fmt::format("set stopwaitsecs={}", *own + 5)});
  }
  const auto& grace = checked.config().daemon.stop_grace;
  if (grace && wait > seconds(*grace)) {
    checked.report(
        Severity::Surprise, "stop-time", checked.spot(group, process, "stopwaitsecs"),
        {fmt::format("when supervisord ends, SIGKILL comes after {} seconds already", seconds(*grace)),
         "stop_grace= of [supervisord] limits the whole end", fmt::format("set stop_grace to {} or more", wait)});
  }
}

// Groups without a process, by the section that should have made some.
void check_count(const CheckedConfig& checked) {
  for (const Section& section : checked.ini().sections()) {
    const Value* count = checked.ini().value(section, "numprocs");
    if (!count || trim(count->text) != "0") continue;
    checked.report(Severity::Surprise, "numprocs", checked.spot(&section, "numprocs"),
                   {"no process is made of this section", {}, "autostart=false keeps a program from starting"});
  }
}

// Listeners miss what happens before they run.
void check_order(const CheckedConfig& checked) {
  const std::vector<Group>& groups = checked.config().groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].kind != Group::Kind::EventListener || groups[i].processes.empty()) continue;
    const auto earlier = std::find_if(groups.begin(), groups.begin() + static_cast<std::ptrdiff_t>(i),
                                      [](const Group& group) { return group.kind != Group::Kind::EventListener; });
    if (earlier == groups.begin() + static_cast<std::ptrdiff_t>(i)) continue;
    checked.report(Severity::Surprise, "listener-order",
                   checked.spot(groups[i], groups[i].processes.front(), "priority"),
                   {fmt::format("the listeners start after {} (priority {})", earlier->name, earlier->priority),
                    "they are not told of what happened before", "leave priority= away, so that it is -1"});
  }
}

}  // namespace

void check_programs(const CheckedConfig& checked) {
  for (const Group& group : checked.config().groups) {
    for (const Process& process : group.processes) {
      check_directory(checked, group, process);
      check_stop(checked, group, process);
    }
  }
  check_count(checked);
  check_order(checked);
}

}  // namespace upkeep::config
