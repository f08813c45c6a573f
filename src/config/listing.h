// The lines of an ini file as the reader of ini.h takes them, for those who show or change them: nothing is lost, and
// every part of a line has its place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace upkeep::config {

struct ListedLine {
  enum class Kind {
    Blank,  // also a comment alone
    Header,
    Key,           // opens a value
    Continuation,  // goes on with the value of the key above
    Other,         // neither: the file is refused
  };
  Kind kind = Kind::Blank;
  std::string text;          // without its end; bytes that are no UTF-8 are question marks
  std::string section;       // Header: its own, else the one that the line stands in; empty: ahead of any header
  std::string key;           // Key, Continuation: in lower case
  std::size_t value_at = 0;  // Key: where the value begins; otherwise the first character that counts
  std::size_t end = 0;       // where the value or text ends, ahead of blanks and comment
  std::size_t comment_at = std::string::npos;
};

struct Listing {
  std::string file;               // as Origin::file names it
  std::vector<ListedLine> lines;  // line 1 is lines[0]

  const ListedLine* line(int number) const;  // null: there is none
};

Listing list_lines(std::string_view bytes, const std::string& file);

}  // namespace upkeep::config
