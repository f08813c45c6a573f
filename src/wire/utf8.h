// UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing beyond U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace upkeep::wire {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;  // 1..4; 0: the first byte of the text starts no valid character (value is then 0)
};

CodePoint first_code_point(std::string_view text);  // of a text that is not empty
bool is_utf8(std::string_view text);
std::size_t ascii_prefix(
    std::string_view text);    // so many printable ASCII characters come first: most text is nothing else
bool is_xml_char(char32_t c);  // XML 1.0, production Char: no control characters but tab, LF and CR

}  // namespace upkeep::wire
