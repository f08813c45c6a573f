#include "daemontools/svok.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/dialect.h"
#include "daemontools/complaint.h"
#include "daemontools/supervise_folder.h"

namespace upkeep::daemontools {

int svok_main(int argc, char** argv) {
  constexpr std::string_view tool = "svok";
  if (argc < 2) return usage("svok: usage: svok dir");
  const std::string directory = argv[1];
  if (::chdir(argv[1]) != 0) return fatal(tool, "unable to chdir to " + directory, errno);
  const auto folder = SuperviseFolder::here();
  if (!folder) return fatal(tool, "unable to setup control path for " + directory, folder.error().code);
  const int code = folder->alive();
  if (code == 0) return 0;
  if (code == ENOENT || code == ENXIO) return kUsageError;
  const bool encore = dialect_of_environment() == Dialect::Encore;
  return fatal(tool, "unable to open " + (encore ? folder->path("ok") : folder->path_in(directory, "ok")), code);
}

}  // namespace upkeep::daemontools
