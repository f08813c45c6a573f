#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/closest.h"
#include "config/keys.h"
#include "config/loading.h"

namespace upkeep::config {
namespace {

enum class Form { Alone, Named, Either };  // [kind], [kind:x]; Either also with any other text after the kind

enum class Keys {
  Listed,      // all keys are in the table
  Foreign,     // those of another program that reads the same file: only what looks misspelt is worth a line
  AnyArgument  // whatever a plug-in takes
};

struct Kind {
  std::string_view word;
  Form form;
  Keys keys = Keys::Listed;
};

constexpr std::array<Kind, 12> kKinds = {{
    {"supervisord", Form::Alone},
    {"include", Form::Alone},
    {"program", Form::Named},
    {"group", Form::Named},
    {"eventlistener", Form::Named},
    {"fcgi-program", Form::Named},
    {"svscan", Form::Named},
    {"inet_http_server", Form::Either},
    {"unix_http_server", Form::Either},
    {"rpcinterface", Form::Named, Keys::AnyArgument},
    {"supervisorctl", Form::Alone, Keys::Foreign},
    {"ctlplugin", Form::Named, Keys::AnyArgument},
}};

// The kind of section that the name is read as; nullptr: none.
const Kind* kind_of(std::string_view section) {
  const auto is_of = [&](const Kind& kind) {
    if (!section.starts_with(kind.word)) return false;
    const std::string_view rest = section.substr(kind.word.size());
    return kind.form == Form::Either || (kind.form == Form::Alone ? rest.empty() : rest.starts_with(':'));
  };
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), is_of);
  return found == kKinds.end() ? nullptr : &*found;
}

// The header that a section's name was probably meant to be: "program:x" for "Programs: x", "program x" and
// "program.x"; empty: no idea.
std::string meant_section(std::string_view section) {
  section = trim(section);
  std::size_t end = section.find(':');
  if (end == std::string_view::npos) end = std::min(section.find_first_of(" ./"), section.size());
  std::vector<std::string_view> words;
  for (const Kind& kind : kKinds) words.push_back(kind.word);
  const std::string_view word = closest(lower(trim(section.substr(0, end))), words);
  if (word.empty()) return {};
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& k) { return k.word == word; });
  const std::string_view name = trim(section.substr(std::min(end + 1, section.size())));
  if (kind->form == Form::Alone || (kind->form == Form::Either && name.empty())) return std::string{word};
  return fmt::format("{}:{}", word, name.empty() ? "NAME" : name);
}

class Hints {
 public:
  explicit Hints(Loading& loading) : loading_(loading), keys_(all_keys()) {}

  void run() {
    for (const Section& section : loading_.ini.sections()) {
      const Kind* kind = kind_of(section.name);
      if (!kind) {
        unknown_section(section);
      } else if (kind->keys != Keys::AnyArgument) {
        unknown_keys(section, names_of(kind->word), kind->keys == Keys::Foreign);
      }
    }
    unknown_keys(loading_.ini.defaults(), names_of({}), false);
  }

 private:
  std::vector<std::string_view> names_of(std::string_view kind) const {  // of no kind: all there are
    std::vector<std::string_view> names;
    for (const Key& key : keys_)
      if (kind.empty() || key.section == kind) names.push_back(key.name);
    return names;
  }

  void unknown_section(const Section& section) {
    const std::string meant = meant_section(section.name);
    loading_.warn(fmt::format("{}: unknown section [{}] is ignored{}", section.origin.text(), section.name,
                              meant.empty() ? "" : fmt::format(", did you mean [{}]?", meant)));
  }

  void unknown_keys(const Section& section, const std::vector<std::string_view>& known, bool only_misspelt) {
    for (const auto& [key, value] : section.values) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      std::string advice;
      if (const std::string_view meant = closest(key, known); !meant.empty()) {
        advice = fmt::format(", did you mean \"{}\"?", meant);
      } else if (key.starts_with('[')) {
        advice = ", is it a section without its closing bracket?";
      } else if (only_misspelt) {
        continue;
      }
      loading_.warn(fmt::format("{}: unknown key \"{}\" in section [{}] is ignored{}", value.origin.text(), key,
                                section.name, advice));
    }
  }

  Loading& loading_;
  const std::vector<Key> keys_;
};

}  // namespace

void add_hints(Loading& loading) { Hints{loading}.run(); }

}  // namespace upkeep::config
