#include "daemontools/envdir.h"

#include <dirent.h>

#include <cerrno>
#include <limits>
#include <memory>
#include <string>

#include "base/dialect.h"
#include "daemontools/child.h"
#include "daemontools/child_environment.h"
#include "daemontools/complaint.h"
#include "daemontools/opening.h"
#include "daemontools/options.h"
#include "daemontools/starting_directory.h"
#include "daemontools/variable_text.h"
#include "os/file.h"

namespace upkeep::daemontools {
namespace {

constexpr std::string_view kTool = "envdir";

// A dangling link is as good as an empty file.
Result<std::string> content_of(const char* file) {
  const Fd fd = open_read(file);
  if (!fd && errno == ENOENT) return std::string{};
  if (!fd) return Error::from_errno("open");
  return os::read_all(fd.get(), std::numeric_limits<std::size_t>::max());
}

// The exit status to leave with; 0: all variables are in `environment`.
int read_current_directory(const std::string& name, const std::string& prefix, ChildEnvironment& environment) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir("."), ::closedir};
  if (!directory) return fatal(kTool, "unable to read directory " + name, errno);
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (!entry && errno != 0) return fatal(kTool, "unable to read directory " + name, errno);
    if (!entry) return 0;
    if (entry->d_name[0] == '.') continue;
    const auto content = content_of(entry->d_name);
    if (!content) return fatal(kTool, "unable to read " + name + "/" + entry->d_name, content.error().code);
    if (const auto value = envdir_value(*content))
      environment.set(prefix + entry->d_name, *value);
    else
      environment.remove(prefix + entry->d_name);
  }
}

int usage_error(const std::string& problem, std::string_view line) {
  (void)(problem.empty() ? usage(line) : usage(problem, line));
  return kFatal;  // not kUsageError: the original's
}

}  // namespace

int envdir_main(int argc, char** argv) {
  const bool encore = dialect_of_environment() == Dialect::Encore;
  const std::string_view line =
      encore ? "envdir: usage: envdir [ -p prefix ] dir child" : "envdir: usage: envdir dir child";
  char** words = argc > 0 ? argv + 1 : argv;
  std::string prefix;
  if (encore) {
    Options options{argc, argv, "p:"};
    while (options.next()) prefix = options.argument();
    if (!options.problem().empty()) return usage_error(options.problem(), line);
    words = options.rest();
  }
  if (!words[0] || !words[1]) return usage_error("", line);
  const auto here = StartingDirectory::open();
  if (!here) return fatal(kTool, "unable to switch to current directory", errno);
  const std::string name = words[0];
  if (::chdir(words[0]) != 0) return fatal(kTool, "unable to switch to directory " + name, errno);
  ChildEnvironment environment{environ};
  if (const int status = read_current_directory(name, prefix, environment)) return status;
  if (!here->come_back()) return fatal(kTool, "unable to switch to starting directory", errno);
  return run(kTool, words + 1, environment.words());
}

}  // namespace upkeep::daemontools
