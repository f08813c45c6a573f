// command=: is there such a program, may it be run, and who was meant to read the shell's signs?
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/shell_words.h"
#include "base/text.h"
#include "config/checking.h"
#include "config/paths.h"
#include "config/python_text.h"

namespace upkeep::config {
namespace {

constexpr std::string_view kDefaultPath = "/bin:/usr/bin:/usr/local/bin";  // as at a start
constexpr std::array<std::string_view, 7> kShells = {"sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"};
constexpr std::array<std::string_view, 8> kShellWords = {"cd", "exec",   "export", "source",
                                                         ".",  "ulimit", "if",     "while"};
constexpr std::array<std::string_view, 7> kOperators = {"|", "||", "&", "&&", ";", "<", "2>&1"};

template <class Words>
bool is_one_of(std::string_view word, const Words& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string search_path(const Process& process, World& world) {
  for (const auto& [name, value] : process.environment)
    if (name == "PATH") return value;
  for (const auto& [name, value] : world.environment())
    if (name == "PATH" && !value.empty()) return value;
  return std::string{kDefaultPath};
}

// A word of the command as it stands there.
struct RawWord {
  std::string text;
  bool is_quoted = false;  // somewhere in it
  std::string unliteral;   // without what single quotes protect
};

std::vector<RawWord> raw_words(std::string_view command) {
  std::vector<RawWord> words;
  char quote = 0;
  bool is_open = false;
  for (const char c : command) {
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      is_open = false;
      continue;
    }
    if (!is_open) words.emplace_back();
    is_open = true;
    RawWord& word = words.back();
    word.text += c;
    if (quote != '\'') word.unliteral += c;
    if (quote == c) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
      word.is_quoted = true;
    }
  }
  return words;
}

bool is_operator(const RawWord& word) {
  const std::string_view text = word.text;
  if (word.is_quoted) return false;
  return is_one_of(text, kOperators) || text.starts_with('>') || text.starts_with("2>") || text.starts_with("1>") ||
         text.starts_with("&>") || (text.size() > 1 && text.ends_with(';'));
}

bool has_variable(std::string_view text) {
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    if (next == '{' || next == '(' || next == '_' || (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z'))
      return true;
  }
  return text.find('`') != std::string_view::npos;
}

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == 0 || equals == std::string_view::npos) return false;
  return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](char c) { return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

class CommandCheck {
 public:
  CommandCheck(const CheckedConfig& checked, const Group& group, const Process& process)
      : checked_(checked), group_(group), process_(process) {}

  void run() {
    auto words = split_shell_words(process_.command);
    if (!words) {
      return report(Severity::Warning, "command-quotes", "",
                    {"the command cannot be split into words: " + words.error().text, "every start will fail",
                     "close the quote on the same value; a blank and \";\" begin a comment even between quotes"});
    }
    if (words->empty())
      return report(Severity::Warning, "command-empty", "", {"the command is empty", "every start will fail", {}});
    raw_ = raw_words(process_.command);
    const bool is_shell = is_one_of(base_name(words->front()), kShells);
    if (is_assignment(words->front())) return assignment(words->front());
    find(words->front());
    is_shell ? shell(*words) : no_shell();
  }

 private:
  void report(Severity severity, std::string_view rule, std::string_view at, Message message) const {
    checked_.report(severity, rule, checked_.spot(group_, process_, "command", at), std::move(message));
  }

  void assignment(const std::string& word) const {
    report(Severity::Warning, "shell", word,
           {fmt::format("{} is taken for the program to run", word), "no shell reads the command",
            fmt::format("write environment={}", word)});
  }

  void find(const std::string& word) const {
    World& world = checked_.world();
    std::string file = word;
    if (word.find('/') == std::string::npos) {
      const std::string path = search_path(process_, world);
      file.clear();
      for (const std::string& directory : split(path, ':')) {
        const std::string candidate = join_path(directory, word);
        if (file.empty() && world.exists(candidate)) file = candidate;
      }
      if (file.empty()) return missing(word, "looked for in PATH=" + path);
    } else if (!word.starts_with('/')) {
      report(Severity::Surprise, "relative-path", word,
             {fmt::format("{} is found from where supervisord is started, not from directory=", word),
              {},
              "write the whole path, for example with %(here)s"});
    }
    usable(word, file);
  }

  void missing(const std::string& word, std::string why) const {
    std::string fix = "install it, or write its whole path";
    if (is_one_of(word, kShellWords))
      fix = fmt::format("{} is a word of the shell: sh -c '{}'", word, process_.command);
    if (word.starts_with('~')) fix = "write the whole path: ~ is not replaced";
    if (word.starts_with('$')) fix = "write %(ENV_NAME)s: variables are not replaced";
    report(Severity::Warning, "command-not-found", word,
           {fmt::format("there is no command {}", python_repr(word)), std::move(why), std::move(fix)});
  }

  void usable(const std::string& word, const std::string& file) const {
    const auto permissions = checked_.world().permissions(file);
    if (!permissions) return missing(word, "every start will fail");
    const Identity user = checked_.user_of(process_);
    if (S_ISDIR(permissions->mode)) {
      return report(Severity::Warning, "command-not-found", word,
                    {file + " is a directory", "every start will fail", "write the path of a program"});
    }
    if (!is_allowed(*permissions, user, 1)) {
      return report(Severity::Warning, "command-not-executable", word,
                    {fmt::format("{} may not execute {} (mode {:04o})", user.name, file, permissions->mode & 07777U),
                     "every start will fail", "chmod +x " + file});
    }
    if ((permissions->mode & 0002U) != 0) {
      report(Severity::Warning, "exposed", word,
             {fmt::format("everybody may write to {} (mode {:04o})", file, permissions->mode & 07777U),
              fmt::format("and so decide what {} runs", user.name), "chmod o-w " + file});
    }
  }

  // Signs of a shell that nobody will read.
  void no_shell() const {
    for (const RawWord& word : raw_) {
      if (is_operator(word)) {
        return report(Severity::Surprise, "shell", word.text,
                      {fmt::format("{} is an argument of the program", python_repr(word.text)),
                       "no shell reads the command: pipes, redirections and lists do nothing",
                       "command=sh -c 'exec ...', or put it into a script"});
      }
    }
    for (const RawWord& word : raw_) {
      if (has_variable(word.unliteral)) {
        return report(Severity::Surprise, "shell", word.text,
                      {fmt::format("{} reaches the program as it is", word.text),
                       "no shell reads the command: variables are not replaced",
                       "write %(ENV_NAME)s, or command=sh -c 'exec ...'"});
      }
      if (word.text.starts_with("~/") && &word != &raw_.front()) {
        return report(Severity::Surprise, "shell", word.text,
                      {fmt::format("{} reaches the program as it is", word.text),
                       "no shell reads the command: ~ is not replaced", "write the whole path"});
      }
    }
  }

  // A shell that stays between supervisord and the program.
  void shell(const std::vector<std::string>& words) const {
    const auto option = std::find_if(words.begin(), words.end(), [](const std::string& word) {
      return word.size() > 1 && word.front() == '-' && word[1] != '-' && word.ends_with('c');
    });
    if (option == words.end() || option + 1 == words.end()) return;
    const std::string& script = *(option + 1);
    const bool is_list = script.find_first_of(";|&\n") != std::string::npos;
    if (!is_list || script.find("exec ") != std::string::npos || process_.policy.stop_as_group) return;
    report(Severity::Surprise, "shell-stays", words.front(),
           {"the stop signal reaches the shell alone, not the program that it runs",
            "what runs below the shell can outlive a stop",
            "write exec ahead of the last command, or set stopasgroup=true"});
  }

  const CheckedConfig& checked_;
  const Group& group_;
  const Process& process_;
  std::vector<RawWord> raw_;
};

}  // namespace

void check_commands(const CheckedConfig& checked) {
  for (const Group& group : checked.config().groups)
    for (const Process& process : group.processes) CommandCheck{checked, group, process}.run();
}

}  // namespace upkeep::config
