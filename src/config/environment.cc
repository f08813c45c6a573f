#include "config/environment.h"

#include <fmt/core.h>

#include <map>
#include <vector>

#include "config/python_text.h"

namespace upkeep::config {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kQuotes = "'\"";

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || is_one_of(c, "_/.+-():");
}

void skip_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
}

// A word goes on over quotes and, as in the original, over a comment and its newline.
std::string take_word(std::string_view& rest) {
  std::string word;
  while (!rest.empty()) {
    const char c = rest.front();
    if (c == '#') {
      skip_line(rest);
    } else if (is_word_character(c) || (!word.empty() && is_one_of(c, kQuotes))) {
      word += c;
      rest.remove_prefix(1);
    } else {
      break;
    }
  }
  return word;
}

Result<std::vector<std::string>> tokens_of(std::string_view rest) {
  std::vector<std::string> tokens;
  while (!rest.empty()) {
    const char c = rest.front();
    std::size_t length = 0;
    if (is_one_of(c, kSpaces)) {
      rest.remove_prefix(1);
      continue;
    }
    if (c == '#') {
      skip_line(rest);
      continue;
    }
    if (is_word_character(c)) {
      tokens.push_back(take_word(rest));
      continue;
    }
    if (is_one_of(c, kQuotes)) {
      const std::size_t end = rest.find(c, 1);
      if (end == std::string_view::npos) return Error{"No closing quotation"};
      length = end + 1;
    } else {
      length = character_bytes(rest);
    }
    tokens.emplace_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return tokens;
}

std::string without_quotes(std::string_view value) {
  const std::size_t first = value.find_first_not_of(kQuotes);
  if (first == std::string_view::npos) return {};
  return std::string{value.substr(first, value.find_last_not_of(kQuotes) - first + 1)};
}

}  // namespace

Result<Environment> parse_environment(std::string_view text) {
  const std::vector<std::string> tokens = TRY(tokens_of(text));
  std::map<std::string, std::string> pairs;
  for (std::size_t i = 0; i < tokens.size(); i += 4) {
    if (i + 2 >= tokens.size() || tokens[i + 1] != "=")
      return Error{fmt::format("Unexpected end of key/value pairs in value '{}'", text)};
    pairs[tokens[i]] = without_quotes(tokens[i + 2]);
  }
  return Environment{pairs.begin(), pairs.end()};
}

Environment merged(const Environment& under, const Environment& over) {
  std::map<std::string, std::string> pairs{over.begin(), over.end()};
  pairs.insert(under.begin(), under.end());
  return {pairs.begin(), pairs.end()};
}

}  // namespace upkeep::config
