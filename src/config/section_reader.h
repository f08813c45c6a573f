// One section of the files read through the table of keys: look up, expand, convert, store.
#pragma once

#include "config/expand.h"
#include "config/ini.h"
#include "config/keys.h"

namespace upkeep::config {

class SectionReader {
 public:
  // Borrows all three.
  SectionReader(const Ini& ini, const Section& section, World& world) : ini_(ini), section_(section), world_(world) {}

  const Section& section() const { return section_; }
  // What follows the first colon of the header; empty: nothing.
  std::string_view suffix() const;
  // The suffix as the name of a program or group. Error: a character that names must not have.
  Checked<std::string> name() const;
  // A program's priority as that of its group, which sees fewer names than the processes' own.
  Checked<int> priority(const Names& names) const;
  // Where the key is given, else the section's header.
  std::string place(std::string_view key) const;
  // For an error about one key; without it about the section as a whole, or about a key that is missing.
  LoadError error(std::string text, std::string_view key = {}) const;

  // Reads the rows of one scope, in order, with the names of that scope. Rows that are expanded later are read with
  // any scope. Error: the first one, with the place of the value.
  template <class S>
  Checked<> read(const Table<S>& rows, Scope scope, const Names& names, S& settings) const {
    for (const Setting<S>& setting : rows)
      if (setting.key.scope == scope || setting.key.expansions == 0) TRY(read_row(setting, names, settings));
    return {};
  }

  // Reads one row, where checks of another kind come between the keys.
  template <class S>
  Checked<> read_key(const Table<S>& rows, std::string_view key, const Names& names, S& settings) const {
    for (const Setting<S>& setting : rows)
      if (setting.key.name == key) return read_row(setting, names, settings);
    return {};
  }

 private:
  template <class S>
  Checked<> read_row(const Setting<S>& setting, const Names& names, S& settings) const {
    const auto given = TRY(look_up(setting.key, names));
    if (!given) return {};
    if (auto stored = setting.store(settings, *given, world_); !stored)
      return LoadError{std::move(stored).error().text, given->origin.text(), {}};
    return {};
  }

  // The expanded text of a key; its default; nullopt: neither.
  Checked<std::optional<Given>> look_up(const Key& key, const Names& names) const;

  const Ini& ini_;
  const Section& section_;
  World& world_;
};

// The error with " in section 'program:x' (file: '/etc/x.conf')" at the end of its text.
LoadError in_section(LoadError error, const Section& section);

// Expands what was left for later. Error: with the place of the value.
Checked<std::string> expand(const Given& given, const Names& names);

}  // namespace upkeep::config
