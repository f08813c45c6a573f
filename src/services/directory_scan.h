// What svscan sees when it looks: which entries of a directory are service directories. Identity is that of the
// directory, device and inode, and not its name: a renamed one is the same, two links to one are one, and a fresh
// directory under an old name is another.
#pragma once

#include <string>
#include <vector>

#include "base/fd.h"
#include "os/file.h"

namespace upkeep::services {

struct FoundService {
  std::string name;
  os::FileId id;
  bool has_log = false;     // there is a directory `log`
  bool is_complete = true;  // there is something to run: `run` or `start`. A directory without is still being made
};

struct Scan {
  std::vector<FoundService> services;  // each directory once, by name
  std::vector<Error> troubles;         // "unable to stat NAME", errno; those entries are left out
};

// Names that begin with a dot, and what is no directory, are skipped. Error: "unable to read directory".
Result<Scan> scan_directory(int directory);

}  // namespace upkeep::services
