// Text as Python's str sees it: characters are code points of UTF-8, white space is Unicode's (str.isspace). The
// configuration dialect is defined by these rules. All functions expect valid UTF-8, as decode_error() grants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace upkeep::config {

struct DecodeError {
  std::size_t position;  // of the first bad byte
  std::string text;      // "'utf-8' codec can't decode byte 0xff in position 3: invalid start byte"
};
std::optional<DecodeError> decode_error(std::string_view bytes);  // nullopt: valid UTF-8

std::string_view trim_spaces(std::string_view text);      // str.strip()
std::string_view trim_end_spaces(std::string_view text);  // str.rstrip()
std::size_t count_leading_spaces(std::string_view text);  // in characters
bool ends_in_space(std::string_view text);
std::vector<std::string> split_at_spaces(std::string_view text);  // str.split()

std::size_t count_characters(std::string_view text);
std::size_t character_bytes(std::string_view text);  // of the first character of a text that is not empty

// int(text, base) for base 8 and 10: a sign, spaces around, single underscores between digits, "0o" in base 8. Values
// beyond 64 bits become the nearest one that fits.
// Error: "invalid literal for int() with base 10: 'x'".
Result<std::int64_t> python_int(std::string_view text, int base = 10);

}  // namespace upkeep::config
