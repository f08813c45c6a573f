#include "daemontools/check_script.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <string>

#include "base/errno_words.h"
#include "daemontools/child.h"
#include "os/file.h"

namespace upkeep::daemontools {
namespace {

void warn_of(std::string_view what, std::string_view service, int code) {
  (void)os::write_all(STDERR_FILENO, fmt::format("warning: {} {}/check: {}\n", what, service, errno_words(code)));
}

}  // namespace

bool check_script_agrees(std::string_view service) {
  struct stat status {};
  if (::stat("check", &status) != 0) {
    if (errno == ENOENT) return true;
    warn_of("unable to stat", service, errno);
    return false;
  }
  std::string script = "./check";
  char* words[] = {script.data(), nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);  // sv's own output is parsed
  const auto child = spawn(words, &actions);
  ::posix_spawn_file_actions_destroy(&actions);
  if (!child) {
    warn_of("unable to run", service, child.error().code);
    return true;
  }
  const auto ended = wait_for(*child);
  if (!ended) warn_of("unable to wait for child", service, ended.error().code);
  return ended && WIFEXITED(*ended) && WEXITSTATUS(*ended) == 0;
}

}  // namespace upkeep::daemontools
