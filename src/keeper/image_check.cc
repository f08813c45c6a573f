#include "keeper/image_check.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/version.h"
#include "keeper/child.h"
#include "keeper/table_memfd.h"
#include "wire/handover.h"

namespace upkeep::keeper {
namespace {

constexpr std::size_t kOutputBytesMax = 1000;

// The first line of what it said.
std::string first_line(int fd) {
  std::array<char, kOutputBytesMax> buffer;
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  const std::string_view text{buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  return std::string{text.substr(0, text.find('\n'))};
}

}  // namespace

Result<ImageCheck> ImageCheck::start(int image, int table, Instant now) {
  Pipe output = TRY(Pipe::make(O_NONBLOCK));
  std::string variable = wire::kHandoverVariable;
  variable.append("=").append(std::to_string(STDIN_FILENO));
  const std::array<const char*, 3> argv{"upkeep", kCheckOption, nullptr};
  const std::array<const char*, 2> environment{variable.c_str(), nullptr};
  const pid_t pid = ::fork();
  if (pid < 0) return Error::from_errno("fork");
  if (pid == 0) {
    reset_signals();
    const bool placed = ::dup2(table, STDIN_FILENO) >= 0 && ::dup2(output.write.get(), STDOUT_FILENO) >= 0 &&
                        ::dup2(output.write.get(), STDERR_FILENO) >= 0;
    if (placed)
      ::execveat(image, "", const_cast<char**>(argv.data()), const_cast<char**>(environment.data()), AT_EMPTY_PATH);
    const char* reason = ::strerrordesc_np(errno);
    (void)!::write(output.write.get(), reason, std::strlen(reason));
    ::_exit(127);
  }
  return ImageCheck{pid, std::move(output.read), now + kCheckPatience};
}

void ImageCheck::give_up() {
  took_too_long_ = true;
  (void)::kill(pid_, SIGKILL);
  deadline_ = Instant::max();
}

Result<std::string> ImageCheck::verdict(const ExitStatus& status) const {
  const std::string said = first_line(output_.get());
  if (took_too_long_) return Error{"it did not say within 10 seconds whether it can read the keeper's table"};
  if (status == ExitStatus{ExitStatus::Kind::Exited, 0, false} && said.starts_with(kCheckPassed))
    return said.substr(std::strlen(kCheckPassed));
  if (status.kind == ExitStatus::Kind::Exited && status.value == 0)
    return Error{"it is not an upkeep that can be upgraded to: it does not know " + std::string{kCheckOption}};
  return Error{"it cannot take over the keeper's table (" + status.describe() + ")" +
               (said.empty() ? "" : ": " + said)};
}

int check_table() {
  const auto table = read_table(STDIN_FILENO);
  if (!table) {
    std::fprintf(stderr, "%s\n", table.error().text.c_str());
    return 1;
  }
  std::printf("%s%s\n", kCheckPassed, version());
  return 0;
}

}  // namespace upkeep::keeper
