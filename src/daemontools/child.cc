#include "daemontools/child.h"

#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>

#include "daemontools/complaint.h"

namespace upkeep::daemontools {
namespace {

bool goes_on(int code) { return code == ENOENT || code == EACCES || code == EPERM || code == EISDIR; }

// `attempt` tries one file and returns its errno, 0 when it worked.
template <class Attempt>
int try_each(const char* word, Attempt attempt) {
  int remembered = ENOENT;
  for (const std::string& file : candidates(word, std::getenv("PATH"))) {
    const int code = attempt(file.c_str());
    if (!goes_on(code)) return code;
    if (code != ENOENT) remembered = code;
  }
  return remembered;
}

}  // namespace

std::vector<std::string> candidates(std::string_view word, const char* path) {
  if (word.find('/') != std::string_view::npos) return {std::string{word}};
  std::vector<std::string> files;
  std::string_view rest = path ? path : "/bin:/usr/bin";
  while (true) {
    const auto colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    files.push_back(std::string{folder.empty() ? "." : folder} + "/" + std::string{word});
    if (colon == std::string_view::npos) return files;
    rest.remove_prefix(colon + 1);
  }
}

int run(std::string_view tool, char* const* words, char* const* environment) {
  const int code = try_each(words[0], [&](const char* file) {
    ::execve(file, words, environment);
    return errno;
  });
  return fatal(tool, std::string{"unable to run "} + words[0], code);
}

Result<pid_t> spawn(char* const* words, const posix_spawn_file_actions_t* actions, char* const* environment) {
  pid_t pid = 0;
  const int code = try_each(
      words[0], [&](const char* file) { return ::posix_spawn(&pid, file, actions, nullptr, words, environment); });
  if (code != 0) return Error::from_errno(std::string{"run "} + words[0], code);
  return pid;
}

Result<int> wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return Error::from_errno("wait for a child");
  return status;
}

}  // namespace upkeep::daemontools
