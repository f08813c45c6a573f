#include "os/name_watch.h"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>

namespace upkeep::os {
namespace {

// Unlinking a bound socket changes its link count and no more: it lives as long as it is open.
constexpr std::uint32_t kFile = IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF | IN_DONT_FOLLOW;
constexpr std::uint32_t kFolder = IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR;
constexpr std::uint32_t kFolderOfLost = kFolder | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Place place_of(const std::string& path) {
  Place place;
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) place.file = file_id(status);
  std::string folder = folder_of(path);
  while (::stat(folder.c_str(), &status) != 0 && folder.size() > 1) folder = folder_of(folder);
  place.folder = file_id(status);
  place.folder_mode = status.st_mode;
  return place;
}

void NameWatch::watch(const std::vector<Name>& names) {
  watch_.reset();
  inotify_ = names.empty() ? Fd{} : Fd{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
  if (!inotify_) return;
  auto watched = loop_.watch(inotify_.get(), EPOLLIN, [this](std::uint32_t) { read(); });
  if (!watched) return;
  watch_ = std::move(*watched);
  for (const Name& name : names) watch_name(name);
}

void NameWatch::watch_name(const Name& name) {
  (void)add(name.path, kFile);
  std::string folder = folder_of(name.path);
  while (!add(folder, name.is_lost ? kFolderOfLost : kFolder) && folder.size() > 1) folder = folder_of(folder);
}

bool NameWatch::add(const std::string& path, std::uint32_t events) {
  return ::inotify_add_watch(inotify_.get(), path.c_str(), events | IN_MASK_ADD) >= 0;
}

void NameWatch::read() {
  alignas(inotify_event) char events[4096];
  while (::read(inotify_.get(), events, sizeof events) > 0) continue;  // what it was does not matter
  look_soon();
}

void NameWatch::look_soon() {
  if (!look_at_) look_at_ = std::max(loop_.now(), last_look_ + kLookInterval);
}

void NameWatch::on_time(Instant now) {
  look_at_.reset();
  last_look_ = now;
  look_();
}

}  // namespace upkeep::os
