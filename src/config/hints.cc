#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text.h"
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

// Single-character edits (insert, remove, replace) that turn one word into the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// The known word that this one is most likely meant to be; empty: none is close.
std::string_view closest(std::string_view word, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t least = word.size() < 5 ? 2 : 3;  // one edit in a short word, two in a longer one
  for (const std::string_view name : known) {
    const std::size_t longer = std::max(name.size(), word.size());
    if (longer - std::min(name.size(), word.size()) >= least) continue;
    if (const std::size_t edits = distance(word, name); edits < least) {
      least = edits;
      best = name;
    }
  }
  return best;
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
