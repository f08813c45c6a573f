#include "daemontools/filter.h"

#include <unistd.h>

#include <cerrno>
#include <vector>

#include "daemontools/complaint.h"
#include "os/file.h"

namespace upkeep::daemontools {

int filter(const Transform& transform) {
  constexpr std::size_t read_bytes = 64u << 10;
  std::vector<char> input(read_bytes);
  std::string output;
  while (true) {
    const ssize_t count = ::read(STDIN_FILENO, input.data(), input.size());
    if (count == 0) return 0;
    if (count < 0 && errno != EINTR) return kFatal;
    if (count < 0) continue;
    output.clear();
    transform({input.data(), static_cast<std::size_t>(count)}, output);
    if (!os::write_all(STDOUT_FILENO, output)) return kFatal;
  }
}

}  // namespace upkeep::daemontools
