#include "config/section_reader.h"

#include <fmt/core.h>

#include "base/text.h"

namespace upkeep::config {

std::string_view SectionReader::suffix() const {
  const std::string_view name = section_.name;
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? std::string_view{} : name.substr(colon + 1);
}

Checked<std::string> SectionReader::name() const {
  auto name = checked_name(suffix());
  if (!name) return error(std::move(name).error().text);
  return std::move(name).value();
}

Checked<int> SectionReader::priority(const Names& names) const {
  ProgramSettings settings;
  TRY(read(program_table(), Scope::Here, names, settings));
  return settings.process.priority;
}

std::string SectionReader::place(std::string_view key) const {
  const Value* value = ini_.value(section_, key);
  return (value ? value->origin : section_.origin).text();
}

LoadError SectionReader::error(std::string text, std::string_view key) const {
  return {std::move(text), place(key), {}};
}

Checked<std::optional<Given>> SectionReader::look_up(const Key& key, const Names& names) const {
  const Value* value = ini_.value(section_, key.name);
  if (!value) {
    if (!key.fallback) return std::nullopt;
    return Given{std::string{*key.fallback}, std::string{key.name}, section_.origin};
  }
  Given given{value->text, std::string{key.name}, value->origin};
  if (key.expansions > 0) {
    given.label = fmt::format("{}.{}", section_.name, key.name);
    given.text = TRY(expand(given, names));
  }
  if (key.expansions > 1) {
    given.label = key.name;
    given.text = TRY(expand(given, names));
  }
  return given;
}

LoadError in_section(LoadError error, const Section& section) {
  error.text += fmt::format(" in section {} (file: {})", python_repr(section.name), python_repr(section.origin.file));
  return error;
}

Checked<std::string> expand(const Given& given, const Names& names) {
  auto text = expand(given.text, names, given.label);
  if (!text) return LoadError{std::move(text).error().text, given.origin.text(), {}};
  return std::move(text).value();
}

}  // namespace upkeep::config
