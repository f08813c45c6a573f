// The file of another image that is to replace this one: found, opened, and judged.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

#include "base/fd.h"

namespace upkeep::engine {

// The file that this process was started from, or whatever stands at its path by now.
std::string own_image_path();

// Why a file must not be executed as the daemon of user `uid`; nullopt: it may. Whoever can write to it would command
// everything that the daemon can.
std::optional<std::string> why_no_image(const struct stat& file, uid_t uid, gid_t gid);

// Error: names the file and the reason.
Result<Fd> open_image(const std::string& path);

}  // namespace upkeep::engine
