#include "daemontools/tai64nlocal.h"

#include <fmt/core.h>
#include <time.h>

#include <algorithm>

#include "base/tai64n.h"
#include "daemontools/filter.h"

namespace upkeep::daemontools {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kLabelBytesMax = 64;  // more digits than that make no moment

// The label's number, modulo 2^96 as in the original; leading zeros so mean nothing.
Tai64n label_of(std::string_view digits) {
  Tai64n label;
  for (const char digit : digits) {
    label.seconds = label.seconds << 4 | label.nanoseconds >> 28;
    label.nanoseconds = label.nanoseconds << 4 | static_cast<std::uint32_t>(kDigits.find(digit));
  }
  return label;
}

}  // namespace

std::optional<std::string> local_time(std::int64_t unix_seconds) {
  const time_t seconds = unix_seconds;
  const struct tm* local = ::localtime(&seconds);
  if (!local || local->tm_year < -1900) return std::nullopt;
  return fmt::format("{}-{:02}-{:02} {:02}:{:02}:{:02}", 1900L + local->tm_year, 1 + local->tm_mon, local->tm_mday,
                     local->tm_hour, local->tm_min, local->tm_sec);
}

void LocalTimes::end_label(std::string& output) {
  const Tai64n label = label_of(std::string_view{label_}.substr(1));
  const std::int64_t second = unix_seconds(label);
  if (second_text_.empty() || second != second_) {
    second_ = second;
    second_text_ = local_time(second).value_or("");
  }
  if (second_text_.empty() || label_.size() > kLabelBytesMax)
    output += label_;
  else
    output += fmt::format("{}.{:09}", second_text_, label.nanoseconds);
}

void LocalTimes::feed(std::string_view input, std::string& output) {
  while (!input.empty()) {
    switch (place_) {
      case Place::LineStart: {
        place_ = input[0] == '@' ? Place::Label : Place::Rest;
        if (place_ == Place::Rest) break;
        label_ = "@";
        input.remove_prefix(1);
        break;
      }
      case Place::Label: {
        const auto size = std::min(input.find_first_not_of(kDigits), input.size());
        label_ += input.substr(0, size);
        input.remove_prefix(size);
        if (input.empty() && label_.size() <= kLabelBytesMax) return;
        end_label(output);
        place_ = Place::Rest;
        break;
      }
      case Place::Rest: {
        const auto end = input.find('\n');
        const bool whole = end != std::string_view::npos;
        const std::size_t size = whole ? end + 1 : input.size();
        output += input.substr(0, size);
        input.remove_prefix(size);
        if (whole) place_ = Place::LineStart;
        break;
      }
    }
  }
}

int tai64nlocal_main(int, char**) {
  LocalTimes times;
  return filter([&](std::string_view input, std::string& output) { times.feed(input, output); });
}

}  // namespace upkeep::daemontools
