// Paths as text, by Python's os.path: nothing is resolved on the disk, symbolic links stay.
#pragma once

#include <string>
#include <string_view>

#include "base/world.h"

namespace upkeep::config {

std::string directory_of(std::string_view path);                      // os.path.dirname: "" for "x"
std::string join_path(std::string_view base, std::string_view path);  // an absolute path stays
std::string absolute_path(std::string_view path, World& world);       // joined to the current directory, normalised
std::string expand_user(const std::string& path, World& world);       // ~ and ~name; unknown names stay
std::string normalized_path(const std::string& path, World& world);   // expand_user, then absolute_path

// The first writable directory of $TMPDIR, $TEMP, $TMP, /tmp, /var/tmp, /usr/tmp and the current one; absolute. "/tmp"
// when there is none.
std::string temporary_directory(World& world);

}  // namespace upkeep::config
