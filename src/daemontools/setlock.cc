#include "daemontools/setlock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <string>

#include "daemontools/child.h"
#include "daemontools/complaint.h"
#include "daemontools/opening.h"
#include "daemontools/options.h"

namespace upkeep::daemontools {

int setlock_main(int argc, char** argv) {
  constexpr std::string_view tool = "setlock";
  constexpr std::string_view line = "setlock: usage: setlock [ -nNxX ] file program [ arg ... ]";
  bool waits = true, complains = true;
  Options options{argc, argv, "nNxX"};
  while (const auto letter = options.next()) {
    if (*letter == 'n' || *letter == 'N') waits = *letter == 'N';
    if (*letter == 'x' || *letter == 'X') complains = *letter == 'X';
  }
  if (!options.problem().empty()) return usage(options.problem(), line);
  char** words = options.rest();
  if (!words[0] || !words[1]) return usage(line);
  const std::string path = words[0];
  Fd file = open_append(words[0]);
  if (!file) return complains ? fatal(tool, "unable to open " + path, errno) : 0;
  if (::flock(file.get(), waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0)
    return complains ? fatal(tool, "unable to lock " + path, errno) : 0;
  ::fcntl(file.get(), F_SETFD, 0);  // the program is to keep it
  return run(tool, words + 1);
}

}  // namespace upkeep::daemontools
