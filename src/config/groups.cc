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
constexpr std::string_view kListenerPrefix = "eventlistener:";
constexpr std::string_view kFcgiPrefix = "fcgi-program:";
constexpr std::string_view kSvscanPrefix = "svscan:";

class GroupsReader {
 public:
  explicit GroupsReader(Loading& loading) : loading_(loading), names_(loading.names_here()) {}

  Checked<std::vector<Group>> run() {
    TRY(add_all(kGroupPrefix, &GroupsReader::group));
    TRY(add_all(kProgramPrefix, &GroupsReader::program));
    TRY(add_all(kListenerPrefix, &GroupsReader::listener_pool));
    TRY(add_all(kFcgiPrefix, &GroupsReader::fcgi_program));
    TRY(add_all(kSvscanPrefix, &GroupsReader::services));
    std::stable_sort(groups_.begin(), groups_.end(), [](const Group& a, const Group& b) {
      return a.priority != b.priority ? a.priority < b.priority : a.name < b.name;
    });
    drop_repeated_groups();
    return std::move(groups_);
  }

 private:
  // Makes a group of each section with this prefix that no [group:x] has taken.
  Checked<> add_all(std::string_view prefix, Checked<Group> (GroupsReader::*read)(const Section&)) {
    for (const Section& section : loading_.ini.sections())
      if (section.name.starts_with(prefix) && !grouped_.contains(section.name)) add(TRY((this->*read)(section)));
    return {};
  }

  Checked<Group> group(const Section& section) {
    const SectionReader reader{loading_.ini, section, loading_.world};
    Group group{Group::Kind::Group, TRY(reader.name()), 0, {}};
    GroupSettings settings;
    TRY(reader.read(group_table(), Scope::Here, names_, settings));
    group.priority = settings.priority;
    for (const std::string& name : settings.programs) {
      const Section& program = *TRY(member(reader, name));
      grouped_.insert(program.name);
      std::vector<Process> processes = TRY(read_program(loading_, program, group.name));
      std::move(processes.begin(), processes.end(), std::back_inserter(group.processes));
    }
    return group;
  }

  // The section of a program that a group names.
  Checked<const Section*> member(const SectionReader& reader, const std::string& name) {
    const std::string& group = reader.section().name;
    const Section* program = loading_.ini.find(std::string{kProgramPrefix} + name);
    const Section* fcgi = loading_.ini.find(std::string{kFcgiPrefix} + name);
    if (!program && !fcgi)
      return reader.error(fmt::format("[{}] names unknown program or fcgi-program {}", group, name), "programs");
    if (program && fcgi) {
      return reader.error(fmt::format("[{}] name {} is ambiguous (exists as program and fcgi-program)", group, name),
                          "programs");
    }
    if (program) return program;
    loading_.warn(fmt::format("For [{}], listed in [{}]: there it runs as a plain program, without its socket",
                              fcgi->name, group));
    return fcgi;
  }

  Checked<Group> program(const Section& section) {
    const SectionReader reader{loading_.ini, section, loading_.world};
    Group group{Group::Kind::Program, TRY(reader.name()), 0, {}};
    group.priority = TRY(reader.priority(names_));
    group.processes = TRY(read_program(loading_, section, group.name));
    return group;
  }

  Checked<Group> listener_pool(const Section& section) { return read_listener_pool(loading_, section); }
  Checked<Group> fcgi_program(const Section& section) { return read_fcgi_program(loading_, section); }
  Checked<Group> services(const Section& section) { return read_service_group(loading_, section); }

  // Supervisor has no such limit, so a name beyond it must not keep the others from running.
  void warn_of_length(const Process& process) {
    const std::string name = process.group + ":" + process.name;
    if (name.size() <= kProcessNameBytesMax) return;
    loading_.warn(fmt::format("{} cannot be started: its name has {} bytes, group and process together may have {}",
                              name, name.size(), kProcessNameBytesMax));
  }

  // Of processes with the same name the last one counts, at the place of the first.
  void add(Group group) {
    std::map<std::string, std::size_t> places;
    std::vector<Process> processes;
    processes.reserve(group.processes.size());  // and no room for more: these stay as long as the daemon
    for (Process& process : group.processes) {
      warn_of_length(process);
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
    for_each_process(group, [&](Process& process) { process.environment = merged(shared, process.environment); });
  return groups;
}

}  // namespace upkeep::config
