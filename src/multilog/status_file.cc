#include "multilog/status_file.h"

#include <fcntl.h>
#include <unistd.h>

namespace upkeep::multilog {

std::string status_text(std::string_view line) {
  std::string text{line.substr(0, kStatusFileBytes - 1)};
  text.resize(kStatusFileBytes, '\n');
  return text;
}

Result<void> StatusFile::open() {
  file_ = Fd{::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0600)};
  if (!file_) return Error{"unable to create " + path_, errno};
  file_ = Fd{::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
  if (!file_) return Error{"unable to write " + path_, errno};
  return {};
}

void StatusFile::write(std::string_view line) {
  const std::string text = status_text(line);
  insist(trouble_, [&]() -> Result<void> {
    if (::lseek(file_.get(), 0, SEEK_SET) < 0) return Error{"unable to move to beginning of " + path_, errno};
    std::string_view rest = text;
    while (!rest.empty()) {
      const ssize_t gone = ::write(file_.get(), rest.data(), rest.size());
      if (gone < 0 && errno == EINTR) continue;
      if (gone < 0) return Error{"unable to write " + path_, errno};
      rest.remove_prefix(static_cast<std::size_t>(gone));
    }
    return {};
  });
}

}  // namespace upkeep::multilog
