#include "config/python_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"

namespace upkeep::config {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

// Bytes of the white space character that the text begins with; 0: none.
std::size_t space_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return (first >= 0x09 && first <= 0x0d) || (first >= 0x1c && first <= 0x20) ? 1 : 0;
  static constexpr std::array<std::string_view, 19> kSpaces = {
      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
      "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000",
  };
  for (const std::string_view space : kSpaces)
    if (text.substr(0, space.size()) == space) return space.size();
  return 0;
}

// Bytes of the last character.
std::size_t last_character_bytes(std::string_view text) {
  std::size_t bytes = 1;
  while (bytes < text.size() && (byte_at(text, text.size() - bytes) & 0xc0) == 0x80) ++bytes;
  return bytes;
}

// How a sequence may go on after its first byte: number of further bytes and the range of the second one.
struct Lead {
  std::size_t more;
  unsigned low = 0x80, high = 0xbf;
};

std::optional<Lead> lead_of(unsigned byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return Lead{1};
  if (byte == 0xe0) return Lead{2, 0xa0, 0xbf};
  if (byte == 0xed) return Lead{2, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return Lead{2};
  if (byte == 0xf0) return Lead{3, 0x90, 0xbf};
  if (byte >= 0xf1 && byte <= 0xf3) return Lead{3};
  if (byte == 0xf4) return Lead{3, 0x80, 0x8f};
  return std::nullopt;
}

DecodeError decode_error_at(std::string_view bytes, std::size_t position, std::size_t length, std::string_view why) {
  if (length == 1) {
    return {position, fmt::format("'utf-8' codec can't decode byte 0x{:02x} in position {}: {}",
                                  byte_at(bytes, position), position, why)};
  }
  return {position,
          fmt::format("'utf-8' codec can't decode bytes in position {}-{}: {}", position, position + length - 1, why)};
}

}  // namespace

std::optional<DecodeError> decode_error(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (byte_at(bytes, at) < 0x80) {
      ++at;
      continue;
    }
    const auto lead = lead_of(byte_at(bytes, at));
    if (!lead) return decode_error_at(bytes, at, 1, "invalid start byte");
    for (std::size_t i = 1; i <= lead->more; ++i) {
      if (at + i == bytes.size()) return decode_error_at(bytes, at, i, "unexpected end of data");
      const unsigned byte = byte_at(bytes, at + i);
      const bool good = i == 1 ? byte >= lead->low && byte <= lead->high : byte >= 0x80 && byte <= 0xbf;
      if (!good) return decode_error_at(bytes, at, i, "invalid continuation byte");
    }
    at += 1 + lead->more;
  }
  return std::nullopt;
}

std::string_view trim_end_spaces(std::string_view text) {
  while (ends_in_space(text)) text.remove_suffix(last_character_bytes(text));
  return text;
}

std::string_view trim_spaces(std::string_view text) {
  while (const std::size_t bytes = space_bytes(text)) text.remove_prefix(bytes);
  return trim_end_spaces(text);
}

std::size_t count_leading_spaces(std::string_view text) {
  std::size_t count = 0;
  while (const std::size_t bytes = space_bytes(text)) {
    text.remove_prefix(bytes);
    ++count;
  }
  return count;
}

bool ends_in_space(std::string_view text) {
  return !text.empty() && space_bytes(text.substr(text.size() - last_character_bytes(text))) > 0;
}

std::vector<std::string> split_at_spaces(std::string_view text) {
  std::vector<std::string> words;
  for (text = trim_spaces(text); !text.empty(); text = trim_spaces(text)) {
    std::size_t end = 0;
    while (end < text.size() && space_bytes(text.substr(end)) == 0) end += character_bytes(text.substr(end));
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::size_t character_bytes(std::string_view text) {
  std::size_t bytes = 1;
  while (bytes < text.size() && (byte_at(text, bytes) & 0xc0) == 0x80) ++bytes;
  return bytes;
}

Result<std::int64_t> python_int(std::string_view text, int base) {
  const Error bad{fmt::format("invalid literal for int() with base {}: {}", base, python_repr(text))};
  std::string_view rest = trim_spaces(text);
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  bool digit_before = false;  // an underscore may follow
  if (base == 8 && (rest.starts_with("0o") || rest.starts_with("0O"))) {
    rest.remove_prefix(2);
    digit_before = true;
  }
  if (rest.empty() || rest.back() == '_') return bad;
  std::int64_t value = 0;
  for (const char c : rest) {
    if (c == '_' && digit_before) {
      digit_before = false;
      continue;
    }
    const int digit = c - '0';
    if (digit < 0 || digit >= base) return bad;
    digit_before = true;
    const bool too_big =
        __builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, negative ? -digit : digit, &value);
    if (too_big) value = negative ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  }
  return value;
}

}  // namespace upkeep::config
