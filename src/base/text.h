// Small text operations that the C++ library lacks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace upkeep {

std::string_view trim(std::string_view text);                           // blanks, tabs, CR, LF, VT, FF at both ends
std::string lower(std::string_view text);                               // ASCII
std::vector<std::string> split(std::string_view text, char separator);  // keeps empty fields; "" yields one empty field
std::vector<std::string> split_blanks(std::string_view text);           // at runs of white space; no empty fields
std::optional<long long> parse_number(std::string_view text);           // the whole text, base 10, optional sign

// Python's repr() of a str, which Supervisor's messages use: single quotes unless the text holds one and no double
// quote; backslash, newline, tab and unprintable bytes escaped; valid UTF-8 passes.
std::string python_repr(std::string_view text);

// Python's repr() of a bytes object, "b'ok\xff\n'": as above, and every byte that is not printable ASCII is escaped.
std::string python_bytes_repr(std::string_view bytes);

}  // namespace upkeep
