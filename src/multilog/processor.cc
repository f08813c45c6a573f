#include "multilog/processor.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace upkeep::multilog {

Result<pid_t> start_processor(int directory, const std::string& command) {
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addfchdir_np(&files, directory);
  ::posix_spawn_file_actions_addopen(&files, 0, "previous", O_RDONLY | O_NONBLOCK, 0);
  ::posix_spawn_file_actions_addopen(&files, 1, "processed", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::posix_spawn_file_actions_addopen(&files, 4, "state", O_RDONLY | O_CREAT, 0644);
  ::posix_spawn_file_actions_addopen(&files, 5, "newstate", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, ours;
  ::sigemptyset(&none);
  ::sigemptyset(&ours);
  for (const int signo : {SIGTERM, SIGALRM, SIGPIPE, SIGXFSZ}) ::sigaddset(&ours, signo);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &ours);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string shell = "sh", option = "-c", words = command;
  char* const argv[] = {shell.data(), option.data(), words.data(), nullptr};
  pid_t pid = 0;
  const int code = ::posix_spawn(&pid, "/bin/sh", &files, &attributes, argv, environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (code != 0) return Error{"unable to run " + command, code};
  return pid;
}

Result<ProcessorEnd> wait_for_processor(pid_t processor) {
  int status = 0;
  while (::waitpid(processor, &status, 0) < 0)
    if (errno != EINTR) return Error{"wait failed", errno};
  if (!WIFEXITED(status)) return ProcessorEnd::Crashed;
  return WEXITSTATUS(status) == 0 ? ProcessorEnd::Succeeded : ProcessorEnd::Failed;
}

}  // namespace upkeep::multilog
