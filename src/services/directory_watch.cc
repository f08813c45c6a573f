#include "services/directory_watch.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <string>

namespace upkeep::services {
namespace {

constexpr std::uint32_t kEvents =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_CLOSE_WRITE | IN_ONLYDIR;

}  // namespace

std::unique_ptr<DirectoryWatch> DirectoryWatch::make(os::Loop& loop, std::function<void()> changed) {
  Fd inotify{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  if (!inotify) return nullptr;
  std::unique_ptr<DirectoryWatch> made{new DirectoryWatch{std::move(inotify), std::move(changed)}};
  auto watch = loop.watch(made->inotify_.get(), EPOLLIN, [self = made.get()](std::uint32_t) { self->read(); });
  if (!watch) return nullptr;
  made->watch_ = std::move(*watch);
  return made;
}

bool DirectoryWatch::add(int directory) { return add("/proc/self/fd/" + std::to_string(directory)); }

// One that is watched already stays so.
bool DirectoryWatch::add(const std::string& path) {
  return ::inotify_add_watch(inotify_.get(), path.c_str(), kEvents) >= 0;
}

// What happened does not matter: the owner looks at everything again.
void DirectoryWatch::read() {
  alignas(inotify_event) char events[4096];
  while (::read(inotify_.get(), events, sizeof events) > 0) continue;
  changed_();
}

}  // namespace upkeep::services
