// Finds the texts that a program marks for the supervisor within its output (Supervisor dispatchers.py record_output(),
// the options stdout_capture_maxbytes and stderr_capture_maxbytes):
//
//   for the log <!--XSUPERVISOR:BEGIN--> for an event <!--XSUPERVISOR:END--> for the log again
//
// Pure. It remembers only whether a text is being captured. Bytes that may turn out to be the beginning of a token are
// not accepted: the caller keeps them and offers them again, with what follows. So they may stay in the pipe, where a
// crash does not lose them.
//
// Supervisor holds back whatever is no longer than a token and loses what it holds when the program ends; here output
// is held back only where it ends like the beginning of a token, and at its end it goes out as it is.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace upkeep::logs {

inline constexpr std::string_view kCaptureBegin = "<!--XSUPERVISOR:BEGIN-->";
inline constexpr std::string_view kCaptureEnd = "<!--XSUPERVISOR:END-->";
inline constexpr std::size_t kUndecidedBytes = kCaptureBegin.size() - 1;  // most that is not accepted of any text

class CaptureSplitter {
 public:
  struct Part {
    enum class Kind {
      Output,    // for the log
      Captured,  // a piece of a captured text
      Complete,  // the captured text ends here; no bytes
    };
    Kind kind;
    std::string_view bytes{};
    bool operator==(const Part&) const = default;
  };
  struct Split {
    std::vector<Part> parts;   // in order, views into what was given
    std::size_t accepted = 0;  // so many bytes from the front are dealt with, tokens included
  };

  // With `at_end` everything is accepted.
  Split split(std::string_view bytes, bool at_end);

  bool is_capturing() const { return capturing_; }

 private:
  bool capturing_ = false;
};

}  // namespace upkeep::logs
