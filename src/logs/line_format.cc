#include "logs/line_format.h"

#include <fmt/core.h>

#include <ctime>
#include <utility>

#include "wire/json.h"

namespace upkeep::logs {
namespace {

constexpr std::size_t kCharacterBytesMax = 4;  // of UTF-8

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// Where a line longer than kLineBytesMax is cut.
std::size_t place_to_cut(std::string_view line) {
  for (std::size_t at = kLineBytesMax; at > kLineBytesMax - kCharacterBytesMax; --at)
    if (!continues_character(line[at])) return at;
  return kLineBytesMax;  // no UTF-8
}

// What stands before each line, the same for all of a text.
std::string head_of(const LineFormat& format, WallTime now) {
  if (format.format == OutputFormat::Lines) return format.prefix;
  std::string head = wire::write_json_line(wire::JsonObject{{"time", utc_stamp(now)},
                                                            {"program", format.program},
                                                            {"group", format.group},
                                                            {"process", format.process},
                                                            {"pid", format.pid},
                                                            {"stream", std::string{format.stream}}});
  head.pop_back();  // the object goes on
  return head + ",\"line\":";
}

void append_piece(std::string& out, OutputFormat format, const std::string& head, std::string_view piece,
                  bool goes_on) {
  out += head;
  if (format == OutputFormat::Lines) {
    out += piece;
    if (goes_on) out += kGoesOn;
  } else {
    out += wire::write_json_line(std::string{piece});
    out += goes_on ? ",\"cut\":true}" : "}";
  }
  out += '\n';
}

}  // namespace

WholeLines whole_lines(std::string_view text) {
  WholeLines whole;
  const std::size_t newline = text.rfind('\n');
  if (newline != std::string_view::npos) whole.bytes = newline + 1;
  while (text.size() - whole.bytes > kLineBytesMax) {
    whole.bytes += place_to_cut(text.substr(whole.bytes));
    whole.ends_in_cut = true;
  }
  return whole;
}

void format_lines(const LineFormat& format, std::string_view text, bool ends_in_cut, WallTime now,
                  const std::function<void(std::string_view lines)>& write) {
  std::string out;
  const std::string head = head_of(format, now);
  const auto append = [&](std::string_view piece, bool goes_on) {
    append_piece(out, format.format, head, piece, goes_on);
    if (out.size() >= kFormattedBytes) write(std::exchange(out, {}));
  };
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const bool is_last = newline == std::string_view::npos;
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(is_last ? text.size() : newline + 1);
    while (line.size() > kLineBytesMax) {
      const std::size_t cut = place_to_cut(line);
      append(line.substr(0, cut), true);
      line.remove_prefix(cut);
    }
    append(line, is_last && ends_in_cut);
  }
  if (!out.empty()) write(out);
}

std::string utc_stamp(WallTime when) {
  const auto second = std::chrono::floor<std::chrono::seconds>(when);
  const auto us = std::chrono::floor<std::chrono::microseconds>(when - second).count();
  const std::time_t seconds = second.time_since_epoch().count();
  std::tm utc{};
  (void)::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, us);
}

}  // namespace upkeep::logs
