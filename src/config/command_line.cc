#include "config/command_line.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "config/keys.h"
#include "config/paths.h"

namespace upkeep::config {
namespace {

constexpr std::string_view kConfiguration = "configuration";
constexpr std::string_view kHelp = "help";
constexpr std::string_view kVersion = "version";
constexpr std::string_view kProfile = "profile_options";  // of Python's profiler: accepted, without effect

struct Spec {
  char letter = 0;
  std::string_view name;  // long name; empty: none
  bool takes_argument = false;
  const Setting<DaemonSettings>* setting = nullptr;  // nullptr: one of the four above
  std::string_view doc;
};

const std::vector<Spec>& specs() {
  static const std::vector<Spec> kSpecs = [] {
    std::vector<Spec> all = {
        {'c', kConfiguration, true, nullptr, "Configuration file."},
        {'h', kHelp, false, nullptr, "Print this text."},
        {'?', {}, false, nullptr, "Print this text."},
        {'v', kVersion, false, nullptr, "Print the version."},
    };
    for (const auto& setting : daemon_table()) {
      if (const auto& option = setting.key.option)
        all.push_back({option->letter, setting.key.name, !option->is_flag, &setting, setting.key.doc});
    }
    all.push_back({0, kProfile, true, nullptr, "Accepted and ignored."});
    return all;
  }();
  return kSpecs;
}

struct Occurrence {  // one option as it was given
  const Spec* spec;
  std::string shown;  // "-e" or "--loglevel", the latter in full
  std::string argument;
};

class Scanner {  // getopt
 public:
  explicit Scanner(const std::vector<std::string>& argv) : argv_(argv) {}

  Result<std::vector<Occurrence>> run() {
    for (; at_ < argv_.size() && argv_[at_].starts_with('-') && argv_[at_] != "-";) {
      const std::string& word = argv_[at_++];
      if (word == "--") break;
      if (word.starts_with("--")) {
        TRY(long_option(std::string_view{word}.substr(2)));
      } else {
        TRY(short_options(std::string_view{word}.substr(1)));
      }
    }
    return std::move(found_);
  }

  std::vector<std::string> rest() const { return {argv_.begin() + static_cast<std::ptrdiff_t>(at_), argv_.end()}; }

 private:
  Result<std::string> next_word(const std::string& option) {
    if (at_ == argv_.size()) return Error{fmt::format("option {} requires argument", option)};
    return argv_[at_++];
  }

  Result<> long_option(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view prefix = text.substr(0, equals);
    std::vector<const Spec*> candidates;
    for (const Spec& spec : specs()) {
      if (spec.name.empty() || !spec.name.starts_with(prefix)) continue;
      if (spec.name == prefix) {
        candidates = {&spec};
        break;
      }
      candidates.push_back(&spec);
    }
    if (candidates.empty()) return Error{fmt::format("option --{} not recognized", prefix)};
    if (candidates.size() > 1) return Error{fmt::format("option --{} not a unique prefix", prefix)};
    const Spec& spec = *candidates.front();
    Occurrence occurrence{&spec, fmt::format("--{}", spec.name), {}};
    if (spec.takes_argument) {
      occurrence.argument =
          equals == std::string_view::npos ? TRY(next_word(occurrence.shown)) : std::string{text.substr(equals + 1)};
    } else if (equals != std::string_view::npos) {
      return Error{fmt::format("option {} must not have an argument", occurrence.shown)};
    }
    found_.push_back(std::move(occurrence));
    return {};
  }

  Result<> short_options(std::string_view letters) {
    while (!letters.empty()) {
      const char letter = letters.front();
      letters.remove_prefix(1);
      const auto spec =
          std::find_if(specs().begin(), specs().end(), [&](const Spec& s) { return s.letter && s.letter == letter; });
      Occurrence occurrence{&*spec, fmt::format("-{}", letter), {}};
      if (spec == specs().end()) return Error{fmt::format("option {} not recognized", occurrence.shown)};
      if (spec->takes_argument) {
        occurrence.argument = letters.empty() ? TRY(next_word(occurrence.shown)) : std::string{letters};
        letters = {};
      }
      found_.push_back(std::move(occurrence));
    }
    return {};
  }

  const std::vector<std::string>& argv_;
  std::size_t at_ = 1;
  std::vector<Occurrence> found_;
};

std::string python_list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + python_repr(word);
  return fmt::format("[{}]", out);
}

bool is_path(const Key& key) { return key.name == "logfile" || key.name == "pidfile"; }

}  // namespace

std::variant<CommandLine, HelpWanted, VersionWanted, LoadError> parse_command_line(const std::vector<std::string>& argv,
                                                                                   World& world) {
  const auto refuse = [](std::string text) { return LoadError{std::move(text), {}, {}}; };
  Scanner scanner{argv};
  const auto found = scanner.run();
  if (!found) return refuse(found.error().text);
  if (const auto rest = scanner.rest(); !rest.empty())
    return refuse("positional arguments are not supported: " + python_list(rest));

  CommandLine line;
  DaemonSettings scratch;
  std::set<const Spec*> seen;
  for (const auto& [spec, shown, argument] : *found) {
    if (spec->letter == '?' || spec->name == kHelp) return HelpWanted{};
    if (spec->name == kVersion) return VersionWanted{};
    const std::string text = spec->takes_argument ? argument : "true";
    if (spec->setting) {
      if (const auto stored = spec->setting->store(scratch, {text, {}, {}}, world); !stored)
        return refuse(fmt::format("invalid value for {} {}: {}", shown, python_repr(text), stored.error().text));
    }
    if (!seen.insert(spec).second) return refuse(fmt::format("conflicting command line option {}", python_repr(shown)));
    if (spec->name == kConfiguration) line.file = text;
    if (spec->setting) line.values[std::string{spec->name}] = text;
  }
  return line;
}

void apply(const CommandLine& line, World& world, DaemonSettings& settings) {
  for (const auto& setting : daemon_table()) {
    const auto value = line.values.find(std::string{setting.key.name});
    if (value == line.values.end()) continue;
    if (value->second.empty() && is_path(setting.key)) continue;  // as if it had not been given
    // The conversion succeeded when the command line was parsed; if the world has changed since, the file's value
    // stays.
    (void)setting.store(settings, {value->second, {}, {}}, world);
  }
}

std::string supervisord_usage(const std::string& argv0) {
  std::string text = fmt::format(
      "Usage: {} [options]\n\n"
      "Starts programs as a configuration file says, keeps them running and answers supervisorctl.\n\nOptions:\n",
      argv0);
  for (const Spec& spec : specs()) {
    if (spec.letter == '?') continue;
    std::string names = spec.letter ? fmt::format("-{}", spec.letter) : "  ";
    if (spec.name == kHelp) names += ", -?";
    if (spec.letter && !spec.name.empty()) names += ", ";
    if (!spec.letter) names += "  ";
    names += fmt::format("--{}", spec.name);
    if (spec.takes_argument) names += " VALUE";
    text += fmt::format("  {:<32}{}\n", names, spec.doc);
  }
  return text +
         "\nEach option but the first three is also a key of the section [supervisord], over which the command line "
         "wins.\n\n";
}

std::string resolved_argv0(const std::string& argv0, World& world) {
  if (argv0.find('/') != std::string::npos || argv0.empty()) return argv0;
  for (const auto& [name, value] : world.environment()) {
    if (name != "PATH") continue;
    for (const std::string& directory : split(value, ':')) {
      std::string path = join_path(directory.empty() ? "." : directory, argv0);
      if (world.exists(path) && !world.is_directory(path)) return path;
    }
  }
  return argv0;
}

std::vector<std::string> search_paths(const std::string& argv0) {
  const std::string prefix = directory_of(directory_of(argv0));
  return {join_path(prefix, "etc/supervisord.conf"),
          join_path(prefix, "supervisord.conf"),
          "supervisord.conf",
          "etc/supervisord.conf",
          "/etc/supervisord.conf",
          "/etc/supervisor/supervisord.conf"};
}

}  // namespace upkeep::config
