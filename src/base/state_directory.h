// Where supervise keeps its files, and its clients look for them: `supervise` in the service directory, or what
// SUPERVISEDIR says (daemontools-encore).
#pragma once

#include <string>

namespace upkeep {

// `setting` is the value of SUPERVISEDIR, null when it is not set; `directory` the service directory, absolute. The
// result is relative to that, or absolute: under an absolute SUPERVISEDIR every service has a directory named after its
// own, the slashes inside turned into colons: "/run/sv" and "/srv/x" make "/run/sv/srv:x".
std::string state_directory(const char* setting, const std::string& directory);

}  // namespace upkeep
