// What is read otherwise than it looks: comments, continued lines, quotes, keys given twice.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/shell_words.h"
#include "base/text.h"
#include "config/checking.h"
#include "config/environment.h"
#include "config/ini_lines.h"
#include "config/keys.h"
#include "config/python_text.h"

namespace upkeep::config {
namespace {

using Kind = ListedLine::Kind;

std::string_view kind_of(std::string_view section) { return section.substr(0, section.find(':')); }

bool is_known_key(std::string_view section, std::string_view name) {
  const std::vector<Key> keys = all_keys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const Key& key) { return key.section == kind_of(section) && key.name == name; });
}

bool has_open_quote(std::string_view text) {
  const auto words = split_shell_words(text);
  return !words && words.error().text == "No closing quotation";
}

// The values of KEY=value pairs as a reader of the file sees them.
std::map<std::string, std::string> apparent_pairs(std::string_view text) {
  std::map<std::string, std::string> pairs;
  while (!text.empty()) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) break;
    const std::string key{trim(text.substr(0, equals))};
    text = trim(text.substr(equals + 1));
    std::size_t end = text.find_first_of(",\n");
    std::string value{trim(text.substr(0, end))};
    if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
      const std::size_t close = text.find(text[0], 1);
      if (close == std::string_view::npos) break;
      value = text.substr(1, close - 1);
      end = text.find_first_of(",\n", close);
    }
    pairs[key] = value;
    text = end == std::string_view::npos ? std::string_view{} : trim(text.substr(end + 1));
  }
  return pairs;
}

class Reading {
 public:
  Reading(const CheckedConfig& checked, const std::vector<Listing>& listings)
      : checked_(checked), listings_(listings) {}

  void run() {
    for (const Listing& listing : listings_) {
      for (std::size_t i = 0; i < listing.lines.size(); ++i) {
        listing_ = &listing;
        number_ = static_cast<int>(i) + 1;
        check(listing.lines[i]);
      }
    }
    for (const Section& section : checked_.ini().sections()) environment(section);
  }

 private:
  void report(Severity severity, std::string_view rule, std::size_t byte, Message message) {
    checked_.report(severity, rule, spot_at(*listing_, number_, byte), std::move(message));
  }

  void check(const ListedLine& line) {
    if (line.kind == Kind::Header && line.section == "include" && listing_ != &listings_.front()) {
      report(Severity::Warning, "nested-include", 0,
             {"[include] of an included file is not followed", "supervisord reads it in the main file alone",
              "name these files in the main file"});
    }
    if (line.kind == Kind::Key) {
      repeated(line);
      quoted(line);
    }
    if (line.kind == Kind::Continuation) swallowed(line);
    if (line.kind == Kind::Key || line.kind == Kind::Continuation) {
      cut(line);
      uncut(line);
      continued(line);
    }
  }

  void repeated(const ListedLine& line) {
    const auto [found, is_new] = keys_.try_emplace({line.section, line.key}, Origin{listing_->file, number_});
    if (is_new) return;
    const Origin earlier = found->second;
    found->second = {listing_->file, number_};
    checked_.report(Severity::Surprise, "repeated-key", {earlier.file, earlier.line, 1},
                    {fmt::format("this value of {} is not used", line.key),
                     fmt::format("{} gives another one for [{}], and the last one counts",
                                 Origin{listing_->file, number_}.text(), line.section),
                     "leave one of the two away"});
  }

  void quoted(const ListedLine& line) {
    const std::string_view value = std::string_view{line.text}.substr(line.value_at, line.end - line.value_at);
    if (value.size() < 2 || line.key == "command" || line.key == "environment") return;
    if ((value.front() != '"' && value.front() != '\'') || value.front() != value.back()) return;
    if (!is_known_key(line.section, line.key)) return;
    report(Severity::Warning, "quotes", line.value_at,
           {fmt::format("the quotes are part of the value of {}", line.key),
            "quotes mean something in command= and environment= only", "leave the quotes away"});
  }

  void swallowed(const ListedLine& line) {
    const std::string_view text = std::string_view{line.text}.substr(line.value_at, line.end - line.value_at);
    if (!header_name(text).empty() && text.ends_with(']')) {
      return report(Severity::Warning, "continued-line", line.value_at,
                    {fmt::format("{} is read as part of the value of {}", text, line.key),
                     "a line that is indented deeper goes on with the value above", "do not indent the line"});
    }
    const std::size_t delimiter = text.find_first_of("=:");
    const std::string key = lower(trim(text.substr(0, delimiter)));
    if (delimiter == std::string_view::npos || !is_known_key(line.section, key)) return;
    report(Severity::Warning, "continued-line", line.value_at,
           {fmt::format("{} is read as part of the value of {}, not as a key", key, line.key),
            "a line that is indented deeper goes on with the value above", "indent it like the keys above"});
  }

  // A comment that was hardly meant as one.
  void cut(const ListedLine& line) {
    if (line.comment_at == std::string::npos || line.comment_at < line.end) return;
    const std::string_view text = line.text;
    const std::string_view kept = text.substr(line.value_at, line.end - line.value_at);
    const std::string_view rest = trim(text.substr(line.comment_at + 1));
    const char mark = text[line.comment_at];
    const bool is_command = line.key == "command";
    const bool is_open = (is_command || line.key == "environment") && has_open_quote(kept);
    const bool is_shell = is_command && mark == ';' && (rest.starts_with('/') || rest.starts_with("./"));
    const bool is_password = line.key == "password" && line.comment_at == line.end + 1;
    if (!is_open && !is_shell && !is_password) return;
    report(is_open ? Severity::Warning : Severity::Surprise, "comment", line.comment_at,
           {fmt::format("the value of {} ends here", line.key),
            fmt::format("a blank and \"{}\" begin a comment, even between quotes", mark),
            is_command && mark == ';' ? "write \"cmd1;cmd2\" without the blank, or put the commands into a script"
                                      : "leave the blank away"});
  }

  // A comment that is none.
  void uncut(const ListedLine& line) {
    if (line.key == "command" || line.key == "environment" || line.key == "password") return;
    if (!is_known_key(line.section, line.key)) return;
    const std::size_t at = line.text.find(';', line.value_at);
    if (at >= line.end) return;
    report(Severity::Surprise, "semicolon", at,
           {fmt::format("\";\" and what follows is part of the value of {}", line.key),
            "only behind a blank it begins a comment", "write a blank ahead of it if it is meant as a comment"});
  }

  void continued(const ListedLine& line) {
    if (line.key != "command" || line.end == 0 || line.text[line.end - 1] != '\\') return;
    const ListedLine* next = listing_->line(number_ + 1);
    if (!next || next->kind != Kind::Continuation) return;
    report(
        Severity::Warning, "backslash", line.end - 1,
        {"the end of the line becomes part of the next argument",
         "a backslash keeps the newline; indented lines go on with a value without one", "leave the backslash away"});
  }

  void environment(const Section& section) {
    const auto own = section.values.find("environment");
    if (own == section.values.end() || !is_known_key(section.name, "environment")) return;
    const std::string& text = own->second.text;
    for (const auto& [name, value] : apparent_pairs(text)) {
      const std::size_t dollar = value.find('$');
      if (dollar != std::string::npos && dollar + 1 < value.size()) {
        const std::size_t end = value.find_first_of(":/,; ", dollar);
        const std::string variable = value.substr(dollar, end - dollar);
        const std::size_t first = variable.find_first_not_of("${");
        const std::string bare =
            first == std::string::npos ? "NAME" : variable.substr(first, variable.find_last_not_of('}') - first + 1);
        checked_.report(Severity::Surprise, "variable", checked_.spot(&section, "environment", value),
                        {fmt::format("{} is not replaced in {}", variable, name),
                         "no shell reads it: the program gets the text as it is",
                         fmt::format("write %(ENV_{})s, between quotes", bare)});
      }
    }
    if (text.find('%') == std::string::npos) unlike(section, text);
  }

  // Values that the tokenizer sees otherwise than a reader does.
  void unlike(const Section& section, const std::string& text) {
    const auto parsed = parse_environment(text);
    if (!parsed) return;
    const auto apparent = apparent_pairs(text);
    for (const auto& [name, value] : *parsed) {
      const auto shown = apparent.find(name);
      if (shown == apparent.end() || shown->second == value) continue;
      if (shown->second.find('$') != std::string::npos) continue;  // which has been told already
      checked_.report(Severity::Surprise, "environment", checked_.spot(&section, "environment", shown->second),
                      {fmt::format("{} becomes {}", name, python_repr(value)),
                       "without quotes, words end at characters such as @ ? = ~ and # begins a comment; quotes at both "
                       "ends are dropped, and a backslash is an ordinary character",
                       fmt::format("write {}=\"{}\"", name, value.empty() ? "..." : shown->second)});
    }
  }

  const CheckedConfig& checked_;
  const std::vector<Listing>& listings_;
  const Listing* listing_ = nullptr;
  int number_ = 0;
  std::map<std::pair<std::string, std::string>, Origin> keys_;
};

}  // namespace

void check_reading(const CheckedConfig& checked, const std::vector<Listing>& listings) {
  Reading{checked, listings}.run();
}

}  // namespace upkeep::config
