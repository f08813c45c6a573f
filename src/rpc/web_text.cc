#include "rpc/web_text.h"

#include <fmt/core.h>

#include "wire/utf8.h"

namespace upkeep::rpc {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

bool is_control(char32_t c) { return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f; }

// U+2400 and on: ␀, ␁, ... ␛; U+2421: ␡.
std::string picture_of(char32_t control) {
  const unsigned code = control == 0x7f ? 0x21u : static_cast<unsigned>(control);
  return {'\xe2', '\x90', static_cast<char>(0x80 + code)};
}

void append_html(std::string& out, char c) {
  switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    case '\'': out += "&#39;"; break;
    default: out += c;
  }
}

// Calls `take` with each valid character and its value, and with U+FFFD for each byte that starts none.
template <typename Take>
void for_each_character(std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    const wire::CodePoint c = wire::first_code_point(bytes);
    if (c.bytes == 0) {
      take(kReplacement, char32_t{0xfffd});
      bytes.remove_prefix(1);
    } else {
      take(bytes.substr(0, c.bytes), c.value);
      bytes.remove_prefix(c.bytes);
    }
  }
}

}  // namespace

std::string html(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for_each_character(bytes, [&](std::string_view character, char32_t value) {
    if (is_control(value)) {
      out += picture_of(value);
    } else if (character.size() == 1) {
      append_html(out, character.front());
    } else {
      out += wire::is_xml_char(value) ? character : kReplacement;
    }
  });
  return out;
}

std::string url_quote(std::string_view bytes) {
  constexpr std::string_view kPlain = "_.-~/";
  std::string out;
  for (const char c : bytes) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9') || kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string repaired_utf8(std::string_view bytes) {
  std::string out;
  for_each_character(bytes, [&](std::string_view character, char32_t) { out += character; });
  return out;
}

}  // namespace upkeep::rpc
