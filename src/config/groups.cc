#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "config/environment.h"
#include "config/loading.h"
#include "config/section_reader.h"

namespace upkeep::config {
namespace {

constexpr std::string_view kGroupPrefix = "group:";
constexpr std::string_view kProgramPrefix = "program:";
constexpr std::string_view kFcgiPrefix = "fcgi-program:";

class GroupsReader {
 public:
  explicit GroupsReader(Loading& loading) : loading_(loading), names_(loading.names_here()) {}

  Checked<std::vector<Group>> run() {
    for (const Section& section : loading_.ini.sections())
      if (section.name.starts_with(kGroupPrefix)) TRY(add_group(section));
    for (const Section& section : loading_.ini.sections())
      if (section.name.starts_with(kProgramPrefix) && !grouped_.contains(section.name)) TRY(add_program(section));
    std::stable_sort(groups_.begin(), groups_.end(), [](const Group& a, const Group& b) {
      return a.priority != b.priority ? a.priority < b.priority : a.name < b.name;
    });
    drop_repeated_groups();
    return std::move(groups_);
  }

 private:
  Checked<> add_group(const Section& section) {
    const SectionReader reader{loading_.ini, section, loading_.world};
    Group group{Group::Kind::Group, TRY(name_of(reader)), 0, {}};
    GroupSettings settings;
    TRY(reader.read(group_table(), Scope::Here, names_, settings));
    group.priority = settings.priority;
    for (const std::string& name : settings.programs) {
      const Section* program = loading_.ini.find(std::string{kProgramPrefix} + name);
      const bool is_fcgi = loading_.ini.find(std::string{kFcgiPrefix} + name) != nullptr;
      if (!program && !is_fcgi)
        return reader.error(fmt::format("[{}] names unknown program or fcgi-program {}", section.name, name));
      if (program && is_fcgi) {
        return reader.error(
            fmt::format("[{}] name {} is ambiguous (exists as program and fcgi-program)", section.name, name));
      }
      if (!program) continue;  // add_hints() says that the section is ignored
      grouped_.insert(program->name);
      std::vector<Process> processes = TRY(read_program(loading_, *program, group.name));
      std::move(processes.begin(), processes.end(), std::back_inserter(group.processes));
    }
    add(std::move(group));
    return {};
  }

  Checked<> add_program(const Section& section) {
    const SectionReader reader{loading_.ini, section, loading_.world};
    Group group{Group::Kind::Program, TRY(name_of(reader)), 0, {}};
    // As the group's priority the value sees the group's names only, unlike below as the processes' own.
    ProgramSettings settings;
    TRY(reader.read(program_table(), Scope::Here, names_, settings));
    group.priority = settings.process.priority;
    group.processes = TRY(read_program(loading_, section, group.name));
    add(std::move(group));
    return {};
  }

  static Checked<std::string> name_of(const SectionReader& reader) {
    auto name = checked_name(reader.suffix());
    if (!name) return reader.error(std::move(name).error().text);
    return std::move(name).value();
  }

  // Of processes with the same name the last one counts, at the place of the first.
  void add(Group group) {
    std::map<std::string, std::size_t> places;
    std::vector<Process> processes;
    for (Process& process : group.processes) {
      const auto [found, is_new] = places.try_emplace(process.name, processes.size());
      if (is_new) {
        processes.push_back(std::move(process));
        continue;
      }
      loading_.warn(
          fmt::format("Several processes of group {} are named {}, only the last is used", group.name, process.name));
      processes[found->second] = std::move(process);
    }
    group.processes = std::move(processes);
    groups_.push_back(std::move(group));
  }

  void drop_repeated_groups() {
    std::set<std::string> seen;
    std::erase_if(groups_, [&](const Group& group) {
      if (seen.insert(group.name).second) return false;
      loading_.warn(fmt::format("Several groups are named {}, only the first in start order is used", group.name));
      return true;
    });
  }

  Loading& loading_;
  Names names_;
  std::vector<Group> groups_;
  std::set<std::string> grouped_;  // sections that a group names
};

}  // namespace

Checked<std::vector<Group>> read_groups(Loading& loading, const Environment& shared) {
  auto groups = TRY(GroupsReader{loading}.run());
  for (Group& group : groups)
    for (Process& process : group.processes) process.environment = merged(shared, process.environment);
  return groups;
}

}  // namespace upkeep::config
