#include "engine/group_changes.h"

#include <fmt/core.h>

#include <algorithm>

namespace upkeep::engine {

tl::expected<config::Comparison, Refused> GroupChanges::reload() {
  const auto refuse = [](std::string why) { return tl::unexpected(Refused{Refusal::CantReread, std::move(why)}); };
  auto loaded = read_();
  if (auto* error = std::get_if<config::LoadError>(&loaded)) {
    if (!error->where.empty())
      log_.line(LogLevel::Warn, fmt::format("the configuration is not reread: {} (at {})", error->text, error->where));
    return refuse(std::move(error->text));
  }
  if (auto accepted = loads_.accept(std::get<Configuration>(std::move(loaded)), deposits_); !accepted)
    return refuse(accepted.error().text);
  setting_.strip_ansi = loads_.newest()->config.daemon.strip_ansi;
  std::vector<config::Group> active;
  for (const LoadedGroup& group : loads_.active()) active.push_back(*group.config);
  return config::compare(active, loads_.newest()->config.groups);
}

Answer GroupChanges::add(const std::string& name) {
  const std::vector<config::Group>& known = loads_.newest()->config.groups;
  const auto group = std::find_if(known.begin(), known.end(), [&](const auto& g) { return g.name == name; });
  if (group == known.end()) return Refused{Refusal::BadName, name};
  if (supervisor_.find_group(name)) return Refused{Refusal::AlreadyAdded, name};
  if (auto remembered = loads_.add(*group, deposits_); !remembered)
    return Refused{Refusal::Failed, remembered.error().text};
  supervisor_.begin(supervisor_.add(loads_.active().back()));
  return Answer{};
}

Answer GroupChanges::remove(const std::string& name) {
  const SupervisedGroup* group = supervisor_.find_group(name);
  if (!group) return Refused{Refusal::BadName, name};
  const bool is_over = std::all_of(group->processes.begin(), group->processes.end(), [](const auto& process) {
    return core::is_stopped(process->state()) && process->state() != core::State::Unknown;
  });
  if (!is_over) return Refused{Refusal::StillRunning, name};
  if (auto remembered = loads_.remove(name, deposits_); !remembered)
    return Refused{Refusal::Failed, remembered.error().text};
  supervisor_.remove(name);
  return Answer{};
}

std::vector<ConfigInfo> GroupChanges::configurations() const {
  std::vector<ConfigInfo> infos;
  for (const config::Group& group : loads_.newest()->config.groups)
    for (const config::Process* process : processes_of(group)) infos.push_back(describe(group, *process));
  std::ranges::stable_sort(infos, {}, [](const ConfigInfo& info) { return info.process->name; });
  return infos;
}

// Of a group of service directories those that are there: nothing else says which there are.
std::vector<const config::Process*> GroupChanges::processes_of(const config::Group& group) const {
  std::vector<const config::Process*> found;
  for (const config::Process& process : group.processes) found.push_back(&process);
  const SupervisedGroup* active = group.services ? supervisor_.find_group(group.name) : nullptr;
  if (active && active->services)
    for (const auto& process : active->processes) found.push_back(&process->config());
  return found;
}

ConfigInfo GroupChanges::describe(const config::Group& group, const config::Process& process) const {
  const SupervisedGroup* active = supervisor_.find_group(group.name);
  // An automatic log has a name once its group is active; of a group that is active from another load, it has none.
  const SupervisedProcess* runs =
      active && active->load == loads_.newest()->number ? supervisor_.find(group.name, process.name) : nullptr;
  const auto logfile = [&](const config::LogTarget& target, Stdio channel) -> std::string {
    switch (target.kind) {
      case config::LogTarget::Kind::None: return "none";
      case config::LogTarget::Kind::File: return target.path;
      case config::LogTarget::Kind::Auto: break;
    }
    return runs ? runs->channels().logfile(channel).value_or("auto") : "auto";
  };
  return {group.name,
          group.priority,
          active != nullptr,
          &process,
          logfile(process.out.target, Stdio::Out),
          logfile(process.err.target, Stdio::Err)};
}

}  // namespace upkeep::engine
