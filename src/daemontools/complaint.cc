#include "daemontools/complaint.h"

#include <fmt/core.h>
#include <unistd.h>

#include <string>

#include "base/errno_words.h"

namespace upkeep::daemontools {
namespace {

void say(const std::string& line) { (void)!::write(STDERR_FILENO, line.data(), line.size()); }  // nobody else to tell

}  // namespace

void warn(std::string_view tool, std::string_view text) { say(fmt::format("{}: warning: {}\n", tool, text)); }

void warn(std::string_view tool, std::string_view text, int code) {
  say(fmt::format("{}: warning: {}: {}\n", tool, text, errno_words(code)));
}

int fatal(std::string_view tool, std::string_view text) {
  say(fmt::format("{}: fatal: {}\n", tool, text));
  return kFatal;
}

int fatal(std::string_view tool, std::string_view text, int code) {
  say(fmt::format("{}: fatal: {}: {}\n", tool, text, errno_words(code)));
  return kFatal;
}

int usage(std::string_view line) {
  say(std::string{line} + "\n");
  return kUsageError;
}

int usage(std::string_view problem, std::string_view line) { return usage(fmt::format("{}\n{}", problem, line)); }

}  // namespace upkeep::daemontools
