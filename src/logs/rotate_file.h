// The edge of core/rotation.h: renames a log file and its backups.
#pragma once

#include <string>

#include "base/result.h"

namespace upkeep::logs {

// F.1 to F.N-1 move up by one and F becomes F.1; F itself is then to be created anew. Only regular files are renamed or
// replaced, and links to them. On an error the backups may have moved up, but no bytes are lost, and F is where it was.
Result<void> rotate_file(const std::string& path, int backups);

}  // namespace upkeep::logs
