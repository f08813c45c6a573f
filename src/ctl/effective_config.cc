#include "ctl/effective_config.h"

#include <fmt/core.h>
#include <getopt.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <variant>

#include "ctl/namespec.h"
#include "os/system_world.h"
#include "wire/json.h"

namespace upkeep::ctl {
namespace {

using config::EffectiveConfig;
using config::EffectiveProcess;
using config::EffectiveValue;

constexpr int kShown = 0, kUnknownName = 1, kRefused = 2, kWrongUse = 3;
constexpr int kVersion = 1;  // of the JSON document

constexpr const char* kUsage =
    "Usage: upkeep config [-c FILE] [NAME...] [--json]\n"
    "\n"
    "Shows what each program really runs with, and where every value comes from. NAME is a program, a process\n"
    "GROUP:PROCESS or a group; without one all are shown.\n"
    "\n"
    "  -c, --configuration FILE  the file; default: the one that supervisord would find\n"
    "      --json                print a JSON document\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 shown, 1 a name is not known, 2 supervisord would refuse the file, 3 wrong use\n";

struct Options {
  std::optional<std::string> file;
  std::vector<std::string> names;
  bool is_json = false;
};

int wrong_use(const std::string& text) {
  std::fputs(fmt::format("upkeep config: {}\n\n{}", text, kUsage).c_str(), stderr);
  return kWrongUse;
}

// The options; or the exit status, when there is nothing more to do.
std::variant<Options, int> read_options(int argc, char** argv) {
  enum { kJson = 256 };
  static constexpr option kKnown[] = {
      {"configuration", required_argument, nullptr, 'c'},
      {"json", no_argument, nullptr, kJson},
      {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  };
  Options options;
  ::opterr = 0;
  for (int found; (found = ::getopt_long(argc, argv, ":c:h", kKnown, nullptr)) != -1;) {
    switch (found) {
      case 'c': options.file = ::optarg; break;
      case kJson: options.is_json = true; break;
      case 'h': std::fputs(kUsage, stdout); return kShown;
      case ':': return wrong_use(fmt::format("option {} needs a value", argv[::optind - 1]));
      default: return wrong_use(fmt::format("there is no option {}", argv[::optind - 1]));
    }
  }
  options.names.assign(argv + ::optind, argv + argc);
  return options;
}

// In one line: a value may have several.
std::string in_one_line(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      out += (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f ? '?' : c;
    }
  }
  return out;
}

}  // namespace

bool is_chosen(const EffectiveProcess& process, const std::string& name) {
  return name == process.group || name == process.group + ":*" || name == process.group + ":" + process.name ||
         name == make_namespec(process.group, process.name);
}

std::string effective_text(const std::vector<EffectiveProcess>& processes) {
  std::string out;
  for (const EffectiveProcess& process : processes) {
    std::size_t width = 0;
    for (const EffectiveValue& value : process.values)
      width = std::max(width, value.key.size() + 1 + in_one_line(value.value.value_or("")).size());
    width = std::min<std::size_t>(width, 48);
    out += fmt::format("{}{}  [{}] {}\n", out.empty() ? "" : "\n", make_namespec(process.group, process.name),
                       process.section, process.origin.text());
    for (const EffectiveValue& value : process.values) {
      const std::string line = value.key + "=" + in_one_line(value.value.value_or(""));
      const std::string from = value.origin ? value.origin->text() : "default";
      out += fmt::format("  {:{}}  ; {}\n", line, width, value.value ? from : from == "default" ? "not set" : from);
    }
  }
  return out;
}

std::string effective_json(const std::string& file, const std::vector<EffectiveProcess>& processes) {
  const auto origin = [](const std::optional<config::Origin>& from) {
    if (!from) return wire::JsonValue{};
    return wire::JsonValue{wire::JsonObject{{"file", from->file}, {"line", from->line}}};
  };
  wire::JsonArray shown;
  for (const EffectiveProcess& process : processes) {
    wire::JsonArray values;
    for (const EffectiveValue& value : process.values) {
      values.emplace_back(
          wire::JsonObject{{"key", value.key}, {"value", value.value}, {"origin", origin(value.origin)}});
    }
    shown.emplace_back(wire::JsonObject{
        {"name", make_namespec(process.group, process.name)},
        {"group", process.group},
        {"process", process.name},
        {"section", process.section},
        {"origin", origin(process.origin)},
        {"values", std::move(values)},
    });
  }
  return wire::write_json(wire::JsonObject{{"version", kVersion}, {"file", file}, {"processes", std::move(shown)}}) +
         '\n';
}

int config_main(int argc, char** argv) {
  const auto read = read_options(argc, argv);
  if (const int* status = std::get_if<int>(&read)) return *status;
  const auto& options = std::get<Options>(read);
  os::SystemWorld world;
  const auto loaded = config::effective_config(options.file, world);
  if (const auto* error = std::get_if<config::LoadError>(&loaded)) {
    std::fputs(fmt::format("upkeep config: {}{}{}\n`upkeep check` shows all that is wrong\n", error->where,
                           error->where.empty() ? "" : ": ", error->text)
                   .c_str(),
               stderr);
    return kRefused;
  }
  const auto& all = std::get<EffectiveConfig>(loaded);
  std::vector<EffectiveProcess> chosen;
  int status = kShown;
  for (const EffectiveProcess& process : all.processes) {
    const auto is_meant = [&](const std::string& name) { return is_chosen(process, name); };
    if (options.names.empty() || std::any_of(options.names.begin(), options.names.end(), is_meant))
      chosen.push_back(process);
  }
  for (const std::string& name : options.names) {
    const auto is_this = [&](const EffectiveProcess& process) { return is_chosen(process, name); };
    if (std::any_of(chosen.begin(), chosen.end(), is_this)) continue;
    std::fputs(fmt::format("upkeep config: {} has no program '{}'\n", all.file, name).c_str(), stderr);
    status = kUnknownName;
  }
  std::fputs((options.is_json ? effective_json(all.file, chosen) : effective_text(chosen)).c_str(), stdout);
  return status;
}

}  // namespace upkeep::ctl
