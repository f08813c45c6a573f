#include "daemontools/supervise_folder.h"

#include <fmt/core.h>
#include <limits.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/state_directory.h"
#include "daemontools/opening.h"
#include "wire/status_record.h"

namespace upkeep::daemontools {

Result<SuperviseFolder> SuperviseFolder::here() {
  const char* setting = std::getenv("SUPERVISEDIR");
  if (!setting || setting[0] != '/') return SuperviseFolder{state_directory(setting, "")};
  std::array<char, PATH_MAX> directory{};
  if (!::getcwd(directory.data(), directory.size())) return Error::from_errno("current directory");
  return SuperviseFolder{state_directory(setting, directory.data())};
}

std::string SuperviseFolder::path_in(std::string_view directory, std::string_view file) const {
  return path_.starts_with('/') ? path(file) : fmt::format("{}/{}", directory, path(file));
}

int SuperviseFolder::alive() const { return open_write(path("ok").c_str()) ? 0 : errno; }

Result<std::string> SuperviseFolder::status() const {
  const std::string file = path("status");
  const Fd fd = open_read(file.c_str());
  if (!fd) return Error{"unable to open " + file, errno};
  std::array<char, 2 * wire::kEncoreStatusBytes> bytes{};
  const ssize_t count = ::read(fd.get(), bytes.data(), bytes.size());
  if (count < 0) return Error{"unable to read " + file, errno};
  return std::string{bytes.data(), static_cast<std::size_t>(count)};
}

}  // namespace upkeep::daemontools
