// Why a call to the server gave no value, and the line the user sees for it. Commands pass a Failure upwards with TRY;
// Session turns it into Supervisor's line (supervisorctl.py onecmd()):
//   error: <class 'TYPE'>, MESSAGE: file: FILE line: N
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace upkeep::ctl {

// A line of our source. (std::source_location, which clang 14 lacks.)
struct Place {
  const char* file = "";
  int line = 0;
  static Place current(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
};

struct Failure {
  enum class Kind {
    Fault,       // the server answered with a fault: `code` is its number, `text` its string
    Socket,      // no connection: `code` is the errno
    HttpStatus,  // answered, but not with 200: `code` is the status, `text` the reason phrase
    Closed,      // the connection ended before the answer was complete
    Cancelled,   // the user pressed Ctrl-C while we waited
    Other,       // `type` and `text` as Python would have named them
  };
  Kind kind = Kind::Other;
  int code = 0;
  std::string type;  // Python's name of the exception class
  std::string text;
  Place where;

  static Failure fault(int code, std::string text, Place where = Place::current());
  static Failure socket(int error_number, Place where = Place::current());
  static Failure http_status(int status, std::string reason, Place where = Place::current());
  static Failure closed(Place where = Place::current());
  static Failure cancelled(Place where = Place::current());
  static Failure other(std::string type, std::string text, Place where = Place::current());

  bool is_fault(int number) const { return kind == Kind::Fault && code == number; }
};

// What str() of Python's exception gives: "[Errno 111] Connection refused", "<Fault 10: 'BAD_NAME: x'>".
std::string message_of(const Failure& failure);
std::string error_line(const Failure& failure);  // without LF

template <class T = void>
class [[nodiscard]] Attempt : public tl::expected<T, Failure> {
 public:
  using Base = tl::expected<T, Failure>;
  using Base::Base;
  Attempt(Failure failure) : Base(tl::unexpect, std::move(failure)) {}  // NOLINT: so that TRY works as with Result
};

}  // namespace upkeep::ctl
