#include "daemontools/svscanboot.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "daemontools/child.h"
#include "daemontools/child_environment.h"
#include "daemontools/complaint.h"

namespace upkeep::daemontools {
namespace {

constexpr std::string_view kTool = "svscanboot";
constexpr const char* kPath = "/command:/usr/local/bin:/usr/local/sbin:/bin:/sbin:/usr/bin:/usr/sbin:/usr/X11R6/bin";
constexpr std::size_t kDots = 400;

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

// Puts what `fd` stands for in place of the standard descriptor `number`.
void replace(int number, int fd) {
  ::close(number);
  (void)::fcntl(fd, F_DUPFD, number);
}

std::vector<std::string> services(const std::string& folder) {
  std::vector<std::string> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir(folder.c_str()), ::closedir};
  while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
    if (entry->d_name[0] == '.') continue;
    const std::string service = folder + "/" + entry->d_name;
    found.push_back(service);
    if (exists(service + "/log")) found.push_back(service + "/log");
  }
  return found;
}

std::vector<char*> words(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

void end_what_is_left(const std::string& folder) {
  std::vector<std::string> command{"svc", "-dx"};
  for (std::string& service : services(folder)) command.push_back(std::move(service));
  if (const auto svc = spawn(words(command).data())) (void)wait_for(*svc);  // svc succeeds whatever it finds
}

Result<void> start_readproctitle(int input, char* const* environment) {
  std::vector<std::string> command{"readproctitle", "service", "errors:", std::string(kDots, '.')};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  const auto pid = spawn(words(command).data(), &actions, environment);
  ::posix_spawn_file_actions_destroy(&actions);
  if (!pid) return pid.error();
  return {};
}

}  // namespace

int svscanboot_main(int, char**) {
  const Fd nowhere{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  if (!nowhere) return fatal(kTool, "unable to open /dev/null", errno);
  ::setenv("PATH", kPath, 1);
  const std::string folder = !exists("/etc/service") && exists("/service") ? "/service" : "/etc/service";
  char* none = nullptr;
  ChildEnvironment environment{&none};
  environment.set("PATH", kPath);

  const auto errors = Pipe::make();
  if (!errors) return fatal(kTool, "unable to create pipe", errors.error().code);
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) replace(number, nowhere.get());
  end_what_is_left(folder);
  if (const auto started = start_readproctitle(errors->read.get(), environment.words()); !started)
    return fatal(kTool, "unable to run readproctitle", started.error().code);
  replace(STDOUT_FILENO, errors->write.get());
  replace(STDERR_FILENO, errors->write.get());
  std::vector<std::string> command{"svscan", folder};
  return run(kTool, words(command).data(), environment.words());
}

}  // namespace upkeep::daemontools
