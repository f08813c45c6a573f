#include "config/ini.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "config/ini_lines.h"
#include "config/python_text.h"

namespace upkeep::config {
namespace {

constexpr std::string_view kDefaultSection = "DEFAULT";
constexpr std::string_view kHere = "%(here)s";

}  // namespace

std::string Origin::text() const { return fmt::format("{}:{}", file, line); }

// One pass over one file.
class Ini::Reader {
 public:
  Reader(Ini& ini, const std::string& file) : ini_(ini), file_(file) {}

  Checked<> line(std::string_view line) {
    ++number_;
    const std::size_t comment = comment_start(line);
    const std::string_view text = trim_spaces(line.substr(0, comment));
    if (text.empty()) {
      if (comment == std::string_view::npos && value_) value_->text += '\n';
      return {};
    }
    const std::size_t indent = count_leading_spaces(line);
    if (value_ && indent > indent_) {
      value_->text += '\n';
      value_->text += text;
      return {};
    }
    indent_ = indent;
    return header_or_key(line, text);
  }

  Checked<> finish() {
    close_value();
    if (bad_lines_.empty()) return {};
    return LoadError{fmt::format("Source contains parsing errors: {}{}", python_repr(file_), bad_lines_), where_, {}};
  }

 private:
  Checked<> header_or_key(std::string_view line, std::string_view text) {
    if (const std::string_view name = header_name(text); !name.empty()) {
      close_value();
      section_ = std::string{name};
      ini_.open(name, {file_, number_});
      return {};
    }
    if (section_.empty()) {
      return LoadError{fmt::format("File contains no section headers.\nfile: {}, line: {}\n{}", python_repr(file_),
                                   number_, python_repr(line)),
                       Origin{file_, number_}.text(),
                       {}};
    }
    const std::size_t delimiter = text.find_first_of("=:");
    const std::string key = lower(trim_spaces(text.substr(0, delimiter)));
    if (delimiter == std::string_view::npos || key.empty()) {
      if (bad_lines_.empty()) where_ = Origin{file_, number_}.text();
      bad_lines_ += fmt::format("\n\t[line {:2}]: {}", number_, python_repr(line));
      if (delimiter != std::string_view::npos) close_value();
      return {};
    }
    close_value();
    value_ = &ini_.open(section_, {file_, number_}).values[key];
    *value_ = {std::string{trim_spaces(text.substr(delimiter + 1))}, {file_, number_}};
    return {};
  }

  void close_value() {
    if (value_) value_->text.resize(trim_end_spaces(value_->text).size());
    value_ = nullptr;
  }

  Ini& ini_;
  const std::string& file_;
  int number_ = 0;
  std::string section_;     // empty: ahead of the first header
  Value* value_ = nullptr;  // that further lines may continue
  std::size_t indent_ = 0;  // of the line that opened the key, the header or the bad line above
  std::string bad_lines_, where_;
};

Checked<> Ini::parse(std::string_view bytes, const std::string& file) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  if (const auto error = decode_error(bytes)) {
    const std::string_view before = bytes.substr(0, error->position);
    const auto line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
    return LoadError{error->text, Origin{file, line}.text(), {}};
  }
  Reader reader{*this, file};
  while (!bytes.empty()) TRY(reader.line(take_line(bytes)));
  return reader.finish();
}

Section& Ini::open(std::string_view name, const Origin& origin) {
  if (name == kDefaultSection) return defaults_;
  const auto [found, is_new] = index_.try_emplace(std::string{name}, sections_.size());
  if (is_new) sections_.push_back({std::string{name}, origin, {}});
  return sections_[found->second];
}

const Section* Ini::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &sections_[found->second];
}

const Value* Ini::value(const Section& section, std::string_view key) const {
  if (const auto own = section.values.find(key); own != section.values.end()) return &own->second;
  if (const auto shared = defaults_.values.find(key); shared != defaults_.values.end()) return &shared->second;
  return nullptr;
}

std::vector<std::string> Ini::keys(const Section& section) const {
  std::vector<std::string> all;
  for (const auto& [key, value] : defaults_.values) all.push_back(key);
  for (const auto& [key, value] : section.values) all.push_back(key);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void Ini::replace_here(const std::string& directory) {
  for (Section& section : sections_) {
    for (const auto& [key, value] : defaults_.values)
      if (value.text.find(kHere) != std::string::npos) section.values.try_emplace(key, value);
    for (auto& [key, value] : section.values) {
      for (auto at = value.text.find(kHere); at != std::string::npos;
           at = value.text.find(kHere, at + directory.size()))
        value.text.replace(at, kHere.size(), directory);
    }
  }
}

}  // namespace upkeep::config
