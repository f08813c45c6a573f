// Output as whole lines: where they end, and how each of them looks in the log (the keys stdout_format, stdout_prefix
// and their like). Pure.
//
//   lines   the prefix, the line, LF
//   json    {"time":"2026-01-31T23:59:59.123456Z","program":"web","group":"web","process":"web","pid":42,
//            "stream":"stdout","line":"..."}, LF. UTC; bytes that are not UTF-8 become U+FFFD
//
// A line longer than kLineBytesMax is cut into pieces, between characters where it is UTF-8. All pieces but the last
// say that they go on: by kGoesOn at their end, or with "cut":true. Cuts depend on the line alone, not on how it came.
// What the program leaves behind without LF is a line, too, and gets one.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/output_format.h"
#include "base/time.h"

namespace upkeep::logs {

inline constexpr std::size_t kLineBytesMax = 16u << 10;  // container runtimes cut there, too
inline constexpr std::size_t kFormattedBytes = 64u << 10;
inline constexpr std::string_view kGoesOn = " \\";

struct LineFormat {
  OutputFormat format = OutputFormat::Raw;
  std::string prefix{};                       // Lines only
  std::string program{}, group{}, process{};  // Json only, as what follows
  int pid = 0;
  std::string_view stream{};  // static

  bool is_raw() const { return format == OutputFormat::Raw; }
};

struct WholeLines {
  std::size_t bytes = 0;     // so many from the front
  bool ends_in_cut = false;  // the last of them belong to a line that goes on
};

// What of a text can be formatted already. The rest, at most kLineBytesMax, has to be seen again with what follows.
WholeLines whole_lines(std::string_view text);

// Lines of a text, with their prefix or as objects, to `write`: whole ones, in order, and not many more than
// kFormattedBytes at once, as empty lines become objects, too. The last line of the text may lack its LF. `format` is
// not Raw.
void format_lines(const LineFormat& format, std::string_view text, bool ends_in_cut, WallTime now,
                  const std::function<void(std::string_view lines)>& write);

// "2026-01-31T23:59:59.123456Z" (RFC 3339)
std::string utc_stamp(WallTime when);

}  // namespace upkeep::logs
