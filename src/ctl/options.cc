#include "ctl/options.h"

#include <fmt/core.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/text.h"

namespace upkeep::ctl {
namespace {

enum class Option { Help, Configuration, Interactive, ServerUrl, Username, Password, HistoryFile };

struct LongOption {
  std::string_view name;
  Option option;
};
constexpr LongOption kLongOptions[] = {
    {"help", Option::Help},
    {"configuration", Option::Configuration},
    {"interactive", Option::Interactive},
    {"serverurl", Option::ServerUrl},
    {"username", Option::Username},
    {"password", Option::Password},
    {"history_file", Option::HistoryFile},  // what the original accepts
    {"history-file", Option::HistoryFile},  // what its help says
};

struct ShortOption {
  char letter;
  Option option;
};
constexpr ShortOption kShortOptions[] = {
    {'h', Option::Help},      {'?', Option::Help},     {'c', Option::Configuration}, {'i', Option::Interactive},
    {'s', Option::ServerUrl}, {'u', Option::Username}, {'p', Option::Password},      {'r', Option::HistoryFile},
};

bool takes_value(Option option) { return option != Option::Help && option != Option::Interactive; }

struct Given {  // one option as found
  Option option;
  std::string spelling;  // "-u", "--username": in full
  std::string value;
};

Result<LongOption> find_long(std::string_view name) {
  const LongOption* found = nullptr;
  for (const LongOption& candidate : kLongOptions) {
    if (candidate.name == name) return candidate;
    if (!candidate.name.starts_with(name)) continue;
    if (found && found->option != candidate.option) return Error{fmt::format("option --{} not a unique prefix", name)};
    if (!found) found = &candidate;
  }
  if (!found) return Error{fmt::format("option --{} not recognized", name)};
  return *found;
}

// The words of a command line, one after the other.
class Words {
 public:
  explicit Words(std::span<const std::string> words) : left_(words) {}
  bool at_option() const { return !left_.empty() && left_.front().starts_with('-') && left_.front() != "-"; }
  std::optional<std::string> take() {
    if (left_.empty()) return std::nullopt;
    const std::string& word = left_.front();
    left_ = left_.subspan(1);
    return word;
  }
  std::vector<std::string> rest() const { return {left_.begin(), left_.end()}; }

 private:
  std::span<const std::string> left_;
};

Result<> parse_long(std::string_view word, Words& words, std::vector<Given>& given) {
  const auto equals = word.find('=');
  const LongOption option = TRY(find_long(word.substr(0, equals)));
  std::optional<std::string> value;
  if (equals != std::string_view::npos) value = word.substr(equals + 1);
  if (!takes_value(option.option) && value)
    return Error{fmt::format("option --{} must not have an argument", option.name)};
  if (takes_value(option.option) && !value) value = words.take();
  if (takes_value(option.option) && !value) return Error{fmt::format("option --{} requires argument", option.name)};
  given.push_back({option.option, fmt::format("--{}", option.name), value.value_or("")});
  return {};
}

Result<> parse_shorts(std::string_view letters, Words& words, std::vector<Given>& given) {
  while (!letters.empty()) {
    const char letter = letters.front();
    letters.remove_prefix(1);
    const ShortOption* found = nullptr;
    for (const ShortOption& candidate : kShortOptions)
      if (candidate.letter == letter) found = &candidate;
    if (!found) return Error{fmt::format("option -{} not recognized", letter)};
    std::optional<std::string> value;
    if (takes_value(found->option)) {
      value = letters.empty() ? words.take() : std::string{std::exchange(letters, {})};
      if (!value) return Error{fmt::format("option -{} requires argument", letter)};
    }
    given.push_back({found->option, {'-', letter}, value.value_or("")});
  }
  return {};
}

Result<std::vector<Given>> collect(Words& words) {
  std::vector<Given> given;
  while (words.at_option()) {
    const std::string word = *words.take();
    if (word == "--") break;
    if (word.starts_with("--")) {
      TRY(parse_long(std::string_view{word}.substr(2), words, given));
    } else {
      TRY(parse_shorts(std::string_view{word}.substr(1), words, given));
    }
  }
  return given;
}

// Supervisor datatypes.py url(): a scheme, and something after it.
bool looks_like_url(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  for (std::size_t i = 0; i < colon; ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))) return false;
  }
  std::string_view rest = text.substr(colon + 1);
  if (rest.starts_with("//")) rest.remove_prefix(2);
  return !rest.empty() && rest.front() != '?' && rest.front() != '#';
}

}  // namespace

std::variant<Options, HelpWanted, UsageError> parse_options(const std::vector<std::string>& argv_words) {
  Words words{argv_words};
  auto given = collect(words);
  if (!given) return UsageError{given.error().text};
  Options options;
  for (Given& each : *given) {
    std::optional<std::string>* slot = nullptr;
    switch (each.option) {
      case Option::Help: return HelpWanted{};
      case Option::Interactive:
        if (options.interactive) return UsageError{"conflicting command line option " + python_repr(each.spelling)};
        options.interactive = true;
        continue;
      case Option::Configuration: slot = &options.configuration; break;
      case Option::ServerUrl: slot = &options.server_url; break;
      case Option::Username: slot = &options.username; break;
      case Option::Password: slot = &options.password; break;
      case Option::HistoryFile: slot = &options.history_file; break;
    }
    if (each.option == Option::ServerUrl && !looks_like_url(each.value)) {
      const std::string value = python_repr(each.value);
      return UsageError{fmt::format("invalid value for {} {}: value {} is not a URL", each.spelling, value, value)};
    }
    if (*slot) return UsageError{"conflicting command line option " + python_repr(each.spelling)};
    *slot = std::move(each.value);
  }
  options.action = words.rest();
  return options;
}

std::string usage_text(const std::string& program) {
  return fmt::format(
      R"(supervisorctl -- control applications run by supervisord from the cmd line.

Usage: {} [options] [action [arguments]]

Options:
-c/--configuration FILENAME -- configuration file path (searches if not given)
-h/--help -- print usage message and exit
-i/--interactive -- start an interactive shell after executing commands
-s/--serverurl URL -- URL on which supervisord server is listening
     (default "http://localhost:9001").
-u/--username USERNAME -- username to use for authentication with server
-p/--password PASSWORD -- password to use for authentication with server
-r/--history-file -- keep a readline history (if readline is available)

action [arguments] -- see below

Actions are commands like "tail" or "stop".  If -i is specified or no action is
specified on the command line, a "shell" interpreting actions typed
interactively is started.  Use the action "help" to find out about available
actions.

)",
      program);
}

}  // namespace upkeep::ctl
