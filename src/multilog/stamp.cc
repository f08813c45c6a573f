#include "multilog/stamp.h"

#include <fmt/core.h>

namespace upkeep::multilog {
namespace {

// How far labels may run ahead of the clock: more lines than any batch holds. A clock that goes back further was set.
constexpr Duration kAheadMax = std::chrono::milliseconds{2};
}  // namespace

void Stamper::begin_batch(WallTime now) {
  if (format_ == StampFormat::None) return;
  if (time_ && now <= *time_ && *time_ - now <= kAheadMax) {
    if (format_ != StampFormat::Tai64n || !used_) return;  // what is printed still holds
    now = *time_ + Duration{1};
  }
  time_ = now;
  used_ = false;
  print();
}

void Stamper::print() {
  switch (format_) {
    case StampFormat::None: return;
    case StampFormat::Tai64n:
      upkeep::print(to_tai64n(*time_), text_.data());
      text_[kTai64nTextBytes] = ' ';
      size_ = kTai64nTextBytes + 1;
      until_next_second_ =
          (std::chrono::floor<std::chrono::seconds>(*time_) + std::chrono::seconds{1} - *time_).count();
      return;
    case StampFormat::Date: return print_date('_');
    case StampFormat::DateT: return print_date('T');
    case StampFormat::Seconds: {
      const auto second = std::chrono::floor<std::chrono::seconds>(*time_);
      const auto micros = std::chrono::floor<std::chrono::microseconds>(*time_ - second).count();
      size_ = fmt::format_to_n(text_.data(), text_.size(), "{}.{:06} ", second.time_since_epoch().count(), micros).size;
    }
  }
}

void Stamper::print_date(char separator) {
  const auto day = std::chrono::floor<std::chrono::days>(*time_);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::microseconds>(*time_ - day)};
  size_ = fmt::format_to_n(text_.data(), text_.size(), "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}.{:05} ",
                           static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                           static_cast<unsigned>(date.day()), separator, clock.hours().count(), clock.minutes().count(),
                           clock.seconds().count(), clock.subseconds().count() / 10)
              .size;
}

}  // namespace upkeep::multilog
