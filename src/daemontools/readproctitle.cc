#include "daemontools/readproctitle.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "daemontools/complaint.h"

namespace upkeep::daemontools {
namespace {

constexpr std::size_t kLeadingDots = 3;
constexpr std::size_t kWindowBytesMin = 5;

}  // namespace

void shift_in(char* window, std::size_t size, std::string_view bytes) {
  for (const char byte : bytes) {
    if (byte == '\0') continue;
    std::memmove(window + kLeadingDots, window + kLeadingDots + 1, size - kLeadingDots - 1);
    window[size - 1] = byte;
  }
}

int readproctitle_main(int argc, char** argv) {
  if (argc < 2) return kUsageError;
  char* window = argv[argc - 1];  // the memory that the kernel shows as our command line
  const std::size_t size = std::strlen(window);
  std::memset(window, '.', size);
  if (size < kWindowBytesMin) return kUsageError;
  std::array<char, 4096> bytes{};
  while (true) {
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count == 0) return 0;
    if (count < 0 && errno != EINTR) return kFatal;
    if (count > 0) shift_in(window, size, {bytes.data(), static_cast<std::size_t>(count)});
  }
}

}  // namespace upkeep::daemontools
