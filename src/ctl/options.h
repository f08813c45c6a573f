// The command line of supervisorctl, by the rules of Python's getopt: options end at the first word that is none, long
// ones may be shortened to a unique prefix (supervisor options.py Options.realize(), ClientOptions).
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace upkeep::ctl {

struct Options {
  std::optional<std::string> configuration, server_url, username, password, history_file;
  bool interactive = false;
  std::vector<std::string> action;  // the command and its arguments; empty: the shell
};
struct HelpWanted {};
struct UsageError {
  std::string text;  // follows "Error: " on standard error; exit status 2
};

// `words` is argv without argv[0].
std::variant<Options, HelpWanted, UsageError> parse_options(const std::vector<std::string>& words);

// The text of -h, with the blank line at its end.
std::string usage_text(const std::string& program);

}  // namespace upkeep::ctl
