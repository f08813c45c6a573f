#include "os/socket_file.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace upkeep::os {
namespace {

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;

 private:
  mode_t before_;
};

// To the socket that is at `path`, not to whatever a link there names.
int give(const std::string& path, const SocketFile& file) {
  if (!file.owner && !file.group) return 0;
  const Fd place{::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
  struct stat found {};
  if (!place || ::fstat(place.get(), &found) != 0) return errno;
  if (!S_ISSOCK(found.st_mode)) return EPERM;
  const auto id = [](const auto& wanted) { return wanted.value_or(static_cast<uid_t>(-1)); };
  return ::fchownat(place.get(), "", id(file.owner), id(file.group), AT_EMPTY_PATH) == 0 ? 0 : errno;
}

}  // namespace

int bind_socket_file(const Fd& socket, const std::string& path, const SocketFile& file) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  {
    const Umask all_but{0777 & ~file.mode};  // a socket's file has every permission that the umask leaves
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return errno;
  }
  const int code = give(path, file);
  if (code != 0) ::unlink(path.c_str());
  return code;
}

}  // namespace upkeep::os
