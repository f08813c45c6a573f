// tai64nlocal: turns the TAI64N label at the beginning of a line into local time: "@400000003b9aca0a00000000 x" becomes
// "2001-09-09 01:46:40.000000000 x". Lines that do not begin with one pass as they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace upkeep::daemontools {

class LocalTimes {
 public:
  // A label that is not yet whole is held back. At the end of the input it is lost, as in the original.
  //
  // Labels are @ and lower-case hexadecimal digits: the last eight nanoseconds, those before seconds. Where that makes
  // no moment which the calendar of the C library has, the line passes unchanged (the original crashes).
  void feed(std::string_view input, std::string& output);

 private:
  enum class Place { LineStart, Label, Rest };
  void end_label(std::string& output);

  Place place_ = Place::LineStart;
  std::string label_;  // @ and the digits so far
  std::int64_t second_ = 0;
  std::string second_text_;  // of second_, since many lines of a log share one
};

// "2001-09-09 01:46:40" in the time zone of the environment; none: no such year.
std::optional<std::string> local_time(std::int64_t unix_seconds);

int tai64nlocal_main(int argc, char** argv);  // arguments mean nothing

}  // namespace upkeep::daemontools
