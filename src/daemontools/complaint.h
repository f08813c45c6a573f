// The one line that a tool of daemontools says about trouble: "svc: warning: unable to chdir to web: file does not
// exist". Its name is part of the text, whatever the tool was called by.
#pragma once

#include <string_view>

namespace upkeep::daemontools {

inline constexpr int kUsageError = 100;  // exit status; also "no" of svok and svup
inline constexpr int kFatal = 111;       // exit status of every operational failure, of a failing exec, too

// One write(2) to standard error, so that lines of several processes do not mix. `code` is an errno, told in
// daemontools' words (base/errno_words.h).
void warn(std::string_view tool, std::string_view text);
void warn(std::string_view tool, std::string_view text, int code);
int fatal(std::string_view tool, std::string_view text);  // says it and returns kFatal, for `return fatal(...)`
int fatal(std::string_view tool, std::string_view text, int code);
int usage(std::string_view line);                            // the whole line, without its newline; returns kUsageError
int usage(std::string_view problem, std::string_view line);  // what was wrong with an option, then the line

}  // namespace upkeep::daemontools
