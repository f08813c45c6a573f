#include "config/listing.h"

#include "base/text.h"
#include "config/ini_lines.h"
#include "config/python_text.h"

namespace upkeep::config {
namespace {

using Kind = ListedLine::Kind;

constexpr int kBadBytesOneByOne = 64;  // of a text with more of them no character beyond ASCII is kept

// The same number of bytes, all of them UTF-8.
std::string readable(std::string_view bytes) {
  std::string text{bytes};
  for (int count = 0; const auto error = decode_error(text); ++count) {
    if (count < kBadBytesOneByOne) {
      text[error->position] = '?';
      continue;
    }
    for (char& c : text)
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return text;
}

class Lister {
 public:
  ListedLine next(std::string text) {
    ListedLine line;
    line.comment_at = comment_start(text);
    const std::string_view kept = trim_end_spaces(std::string_view{text}.substr(0, line.comment_at));
    const std::string_view trimmed = trim_spaces(kept);
    line.end = kept.size();
    line.value_at = kept.size() - trimmed.size();
    const std::size_t indent = count_leading_spaces(text);
    line.section = section_;
    if (text.ends_with('\n')) text.pop_back();
    line.text = std::move(text);
    if (trimmed.empty()) return line;
    if (!key_.empty() && indent > indent_) {
      line.kind = Kind::Continuation;
      line.key = key_;
      return line;
    }
    indent_ = indent;
    header_or_key(line, std::string_view{line.text}.substr(line.value_at, line.end - line.value_at));
    return line;
  }

 private:
  void header_or_key(ListedLine& line, std::string_view trimmed) {
    if (const std::string_view name = header_name(trimmed); !name.empty()) {
      line.kind = Kind::Header;
      line.section = section_ = std::string{name};
      key_.clear();
      return;
    }
    const std::size_t delimiter = trimmed.find_first_of("=:");
    const std::string key = lower(trim_spaces(trimmed.substr(0, delimiter)));
    if (section_.empty() || delimiter == std::string_view::npos || key.empty()) {
      line.kind = Kind::Other;
      if (delimiter != std::string_view::npos) key_.clear();
      return;
    }
    line.kind = Kind::Key;
    line.key = key_ = key;
    line.value_at = line.end - trim_spaces(trimmed.substr(delimiter + 1)).size();
  }

  std::string section_, key_;  // key_: whose value further lines may continue
  std::size_t indent_ = 0;
};

}  // namespace

const ListedLine* Listing::line(int number) const {
  if (number < 1 || static_cast<std::size_t>(number) > lines.size()) return nullptr;
  return &lines[static_cast<std::size_t>(number) - 1];
}

Listing list_lines(std::string_view bytes, const std::string& file) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  const std::string text = readable(bytes);
  Listing listing{file, {}};
  Lister lister;
  for (std::string_view rest = text; !rest.empty();) listing.lines.push_back(lister.next(take_line(rest)));
  return listing;
}

}  // namespace upkeep::config
