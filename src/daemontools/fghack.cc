#include "daemontools/fghack.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "base/fd.h"
#include "daemontools/child.h"
#include "daemontools/complaint.h"

namespace upkeep::daemontools {
namespace {

constexpr std::string_view kTool = "fghack";
constexpr int kCopies = 31;  // enough that a daemon which closes the first few descriptors keeps one

// Starts the child with copies of `end` that it inherits and its children after it.
Result<pid_t> start(char** words, int end) {
  std::vector<Fd> copies;
  while (copies.size() < kCopies) copies.emplace_back(::fcntl(end, F_DUPFD, 0));
  return spawn(words);
}

void await_end(int fd) {
  std::array<char, 4096> ignored{};
  ssize_t count = 0;
  do count = ::read(fd, ignored.data(), ignored.size());
  while (count > 0 || (count < 0 && errno == EINTR));
}

}  // namespace

int fghack_main(int argc, char** argv) {
  if (argc < 2) return usage("fghack: usage: fghack child");
  auto pipe = Pipe::make();
  if (!pipe) return fatal(kTool, "unable to create pipe", pipe.error().code);
  const auto child = start(argv + 1, pipe->write.get());
  if (!child) return fatal(kTool, std::string{"unable to run "} + argv[1], child.error().code);
  pipe->write.reset();
  await_end(pipe->read.get());
  const auto status = wait_for(*child);
  if (!status) return fatal(kTool, "wait failed", status.error().code);
  if (!WIFEXITED(*status)) return fatal(kTool, "child crashed");
  return WEXITSTATUS(*status);
}

}  // namespace upkeep::daemontools
