#include "daemontools/envini.h"

#include <cerrno>
#include <string>

#include "daemontools/child.h"
#include "daemontools/child_environment.h"
#include "daemontools/complaint.h"
#include "daemontools/opening.h"
#include "daemontools/options.h"
#include "daemontools/variable_text.h"
#include "os/file.h"

namespace upkeep::daemontools {

int envini_main(int argc, char** argv) {
  constexpr std::string_view tool = "envini";
  constexpr std::string_view line = "envini: usage: envini [ -p prefix ] inifile child";
  std::string prefix;
  Options options{argc, argv, "p:"};
  while (options.next()) prefix = options.argument();
  char** words = options.rest();
  if (!options.problem().empty()) {
    (void)usage(options.problem(), line);
    return kFatal;  // as envdir
  }
  if (!words[0] || !words[1]) {
    (void)usage(line);
    return kFatal;
  }
  ChildEnvironment environment{environ};
  if (const Fd file = open_read(words[0])) {
    const auto text = os::read_all(file.get());
    if (!text) return fatal(tool, std::string{"unable to read "} + words[0], text.error().code);
    for (const Variable& variable : envini_variables(*text, prefix)) environment.set(variable.name, variable.value);
  } else if (errno != ENOENT) {
    return fatal(tool, std::string{"unable to read "} + words[0], errno);
  }
  return run(tool, words + 1, environment.words());
}

}  // namespace upkeep::daemontools
