// The ini dialect: lines → sections of keys and values, each with the place it came from. Nothing is expanded or
// converted here, and nothing is unknown: meaning comes later.
// Source of the behaviour: Python 3.11 configparser.RawConfigParser as Supervisor sets it up: comments from `;` or `#`
// at a line's start or after white space, quotes do not protect; deeper indented lines continue a value; duplicate
// sections merge and the last duplicate key wins; keys are lower-cased; [DEFAULT] shines through every section.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/checked.h"

namespace upkeep::config {

struct Origin {
  std::string file;          // as given, or as the pattern of [include] matched it
  int line = 0;              // from 1
  std::string text() const;  // "file:line"
};

struct Value {
  std::string text;
  Origin origin;
};

struct Section {
  std::string name;  // all between the brackets, as written
  Origin origin;     // of the first header with this name
  std::map<std::string, Value, std::less<>> values;
};

class Ini {
 public:
  // Reads one more file into what is there already; a key that is given again is replaced. A UTF-8 byte order mark is
  // skipped. `file` is the name for error texts and origins.
  // Errors: bytes that are not UTF-8; a line ahead of any header; lines that are neither (all of them in one error).
  Checked<> parse(std::string_view bytes, const std::string& file);

  const std::vector<Section>& sections() const { return sections_; }  // in order of appearance, without [DEFAULT]
  const Section& defaults() const { return defaults_; }               // [DEFAULT]
  const Section* find(std::string_view name) const;
  // The section's own value, else [DEFAULT]'s; nullptr: neither.
  const Value* value(const Section& section, std::string_view key) const;
  // The keys of the section and of [DEFAULT], sorted.
  std::vector<std::string> keys(const Section& section) const;

  // Replaces the text %(here)s in every value by `directory`. Values of [DEFAULT] that hold it become the sections'
  // own.
  void replace_here(const std::string& directory);

 private:
  class Reader;
  Section& open(std::string_view name, const Origin& origin);

  std::vector<Section> sections_;
  std::map<std::string, std::size_t, std::less<>> index_;
  Section defaults_{"DEFAULT", {}, {}};
};

}  // namespace upkeep::config
