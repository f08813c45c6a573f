// The stamp at the front of each line. Pure: the time is an argument.
//
//   Tai64n   "@400000006920726516e8ad6c "     action t
//   Date     "2026-11-21_14:07:43.12345 "     action h:  UTC, the format of runit's svlogd -tt
//   DateT    "2026-11-21T14:07:43.12345 "     action hT: UTC, the format of runit's svlogd -ttt
//   Seconds  "1795227637.647931 "             action T of daemontools-encore
//
// The clock is read once for a batch of input. Labels of lines in one batch follow each other by a nanosecond, so that
// labels are distinct and sorting by them keeps the order of the lines; they never decrease unless the clock is set
// back. The other formats are coarser and equal within a batch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/tai64n.h"
#include "base/time.h"

namespace upkeep::multilog {

enum class StampFormat { None, Tai64n, Date, DateT, Seconds };

inline constexpr std::size_t kStampBytesMax = 40;

class Stamper {
 public:
  explicit Stamper(StampFormat format) : format_(format) {}

  // The lines to come were there at `now`.
  void begin_batch(WallTime now);

  // The next line's stamp with its blank, empty for StampFormat::None. Valid until the next call.
  std::string_view next() {
    if (used_ && format_ == StampFormat::Tai64n) advance();
    used_ = true;
    return {text_.data(), size_};
  }

 private:
  // The last digit counts on by itself, fifteen times of sixteen.
  void advance() {
    *time_ += Duration{1};
    char& digit = text_[kTai64nTextBytes - 1];
    if (digit == 'f' || --until_next_second_ <= 0) return print();
    digit = digit == '9' ? 'a' : static_cast<char>(digit + 1);
  }
  void print();
  void print_date(char separator);

  StampFormat format_;
  std::optional<WallTime> time_;  // of the stamp in text_; none before the first
  bool used_ = false;             // whether a line has it
  std::array<char, kStampBytesMax> text_{};
  std::size_t size_ = 0;
  std::int64_t until_next_second_ = 0;  // in nanoseconds, where text_ is a label
};

}  // namespace upkeep::multilog
