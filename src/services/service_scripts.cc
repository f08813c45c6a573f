#include "services/service_scripts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "os/file.h"

namespace upkeep::services {
namespace {

constexpr std::string_view kControlLetters = "thaikqpcd12w";
constexpr std::size_t kNumberBytesMax = 64;

}  // namespace

bool has_entry(int directory, const char* name) {
  struct stat status {};
  return ::fstatat(directory, name, &status, 0) == 0;
}

bool has_executable(int directory, const char* name) {
  struct stat status {};
  return ::fstatat(directory, name, &status, 0) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0;
}

core::ServiceScripts find_scripts(int directory) {
  core::ServiceScripts scripts;
  scripts.run = has_entry(directory, "run");
  scripts.start = has_executable(directory, "start");
  scripts.stop = has_executable(directory, "stop");
  scripts.finish = has_executable(directory, "finish");
  if (!has_entry(directory, "control")) return scripts;
  for (const char letter : kControlLetters)
    if (has_executable(directory, (std::string{"control/"} + letter).c_str())) scripts.control += letter;
  return scripts;
}

std::optional<long long> number_in(int directory, const char* name) {
  const Fd file{::openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file) return std::nullopt;
  const auto text = os::read_all(file.get(), kNumberBytesMax);
  return text ? parse_number(trim(*text)) : std::nullopt;
}

}  // namespace upkeep::services
