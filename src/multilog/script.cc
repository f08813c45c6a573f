#include "multilog/script.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace upkeep::multilog {
namespace {

// The leading decimal digits, "abc" is 0. Too large for the type is as large as can be: every use has a lower limit of
// its own, or none.
std::uint64_t leading_number(std::string_view text) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') break;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (most - digit) / 10) return most;
    number = number * 10 + digit;
  }
  return number;
}

StampFormat stamp_format(std::string_view first_word, Dialect dialect) {
  if (first_word.starts_with('t')) return StampFormat::Tai64n;
  if (first_word == "h") return StampFormat::Date;
  if (first_word == "hT") return StampFormat::DateT;
  if (first_word.starts_with('T') && dialect == Dialect::Encore) return StampFormat::Seconds;
  return StampFormat::None;
}

class Parser {
 public:
  explicit Parser(Dialect dialect) : dialect_(dialect) {}

  void take(const std::string& word) {
    if (word.empty()) return;
    const std::string argument = word.substr(1);
    switch (word.front()) {
      case '-': return act(Deselect{{argument, syntax_}});
      case '+': return act(Select{{argument, syntax_}});
      case 'e': return act(ToStandardError{});
      case '=': return add(argument, script.status_files, ToStatusFile{script.status_files.size()});
      case 's':
        next_.file_bytes = std::clamp(leading_number(argument), kFileBytesMin,
                                      dialect_ == Dialect::Encore ? kFileBytesMaxEncore : kFileBytesMax);
        return;
      case 'n': next_.files = std::max(leading_number(argument), kFilesMin); return;
      case '!': next_.processor = argument; return;
      case '.':
      case '/': next_.path = word; return add(next_, script.directories, ToDirectory{script.directories.size()});
      default: break;
    }
    if (dialect_ == Dialect::Encore) take_encore(word.front(), argument);
  }

  Script script;

 private:
  void take_encore(char first, const std::string& argument) {
    if (first == 'F') syntax_ = PatternSyntax::Shell;
    if (first == 'S') syntax_ = PatternSyntax::Simple;
    if (first == 'w') next_.finished_suffix = argument;
  }

  void act(Action action) { script.actions.push_back(std::move(action)); }

  template <class Target>
  void add(const Target& target, std::vector<Target>& targets, Action action) {
    targets.push_back(target);
    act(std::move(action));
  }

  Dialect dialect_;
  PatternSyntax syntax_ = PatternSyntax::Simple;
  DirectorySettings next_;  // what the next directory will get
};

}  // namespace

Script parse_script(const std::vector<std::string>& words, Dialect dialect) {
  Parser parser{dialect};
  if (!words.empty()) parser.script.stamp = stamp_format(words.front(), dialect);
  for (const std::string& word : words) parser.take(word);
  return std::move(parser.script);
}

}  // namespace upkeep::multilog
