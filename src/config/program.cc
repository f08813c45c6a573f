#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "config/environment.h"
#include "config/loading.h"
#include "config/section_reader.h"

namespace upkeep::config {
namespace {

// More processes of one program than this are an error: Linux gives out 32768 process ids unless told otherwise.
constexpr std::int64_t kProcessesMax = 32768;

class ProgramReader {
 public:
  ProgramReader(Loading& loading, const Section& section, const std::string& group)
      : loading_(loading), reader_(loading.ini, section, loading.world), group_(group) {}

  Checked<std::vector<Process>> run() {
    ProgramSettings settings;
    Names names = loading_.names_host();
    program_ = TRY(name_from(reader_.suffix(), reader_.section().origin));
    names["program_name"] = program_;
    names["group_name"] = group_;
    TRY(reader_.read(program_table(), Scope::Here, names, settings));
    TRY(reader_.read(program_table(), Scope::Program, names, settings));
    settings.process_name.text = TRY(name_from(settings.process_name.text, settings.process_name.origin));
    TRY(check(settings));

    std::vector<Process> processes;
    names["numprocs"] = settings.processes;
    for (std::int64_t i = 0; i < settings.processes; ++i) {
      std::int64_t number = 0;
      if (__builtin_add_overflow(settings.first_number, i, &number)) break;
      names["process_num"] = number;
      processes.push_back(TRY(process(settings, names)));
    }
    std::stable_sort(processes.begin(), processes.end(),
                     [](const Process& a, const Process& b) { return a.name < b.name; });
    return processes;
  }

 private:
  static Checked<std::string> name_from(std::string_view text, const Origin& origin) {
    auto name = checked_name(text);
    if (!name) return LoadError{std::move(name).error().text, origin.text(), {}};
    return std::move(name).value();
  }

  Checked<> check(const ProgramSettings& settings) const {
    if (settings.processes > 1 && settings.process_name.text.find("%(process_num)") == std::string::npos)
      return reader_.error("%(process_num) must be present within process_name when numprocs > 1");
    if (settings.processes > kProcessesMax)
      return reader_.error(fmt::format("{} is above upper bound ({})", settings.processes, kProcessesMax));
    if (settings.process.policy.stop_as_group && settings.kill_as_group == false)
      return reader_.error("Cannot set stopasgroup=true and killasgroup=false");
    return {};
  }

  // One process from a copy of what its siblings share.
  Checked<Process> process(ProgramSettings settings, Names names) {
    Process& process = settings.process;
    const std::string pairs = TRY(expand(settings.environment, names));
    auto environment = parse_environment(pairs);
    if (!environment) return LoadError{std::move(environment).error().text, settings.environment.origin.text(), {}};
    process.environment = std::move(environment).value();
    add_environment(names, process.environment);
    TRY(reader_.read(program_table(), Scope::Process, names, settings));
    if (!settings.command) {
      return reader_.error(fmt::format("program section {} does not specify a command", reader_.section().name));
    }
    process.command = *settings.command;
    // A comment on the line of the key leaves an empty first line.
    settings.process_name.text = std::string{trim(settings.process_name.text)};
    process.name = TRY(expand(settings.process_name, names));
    process.group = group_;
    process.program = program_;
    process.policy.kill_as_group = settings.kill_as_group.value_or(process.policy.stop_as_group);
    process.has_own_server_url = settings.server_url && lower(trim(*settings.server_url)) != "auto";
    if (process.has_own_server_url) process.server_url = *settings.server_url;
    settle_logs(loading_, reader_.section(), settings);
    names["process_name"] = process.name;
    TRY(settle_looks(loading_, reader_.section(), names, settings));
    return process;
  }

  Loading& loading_;
  SectionReader reader_;
  const std::string& group_;
  std::string program_;
};

}  // namespace

Checked<std::vector<Process>> read_program(Loading& loading, const Section& section, const std::string& group) {
  auto processes = ProgramReader{loading, section, group}.run();
  if (processes) return processes;
  return in_section(std::move(processes).error(), section);
}

}  // namespace upkeep::config
