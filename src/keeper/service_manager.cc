#include "keeper/service_manager.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace upkeep::keeper {

ServiceManager::ServiceManager(const char* address) {
  const std::size_t size = address ? std::strlen(address) : 0;
  if (size < 2 || size >= sizeof address_.sun_path || (address[0] != '/' && address[0] != '@')) return;
  address_.sun_family = AF_UNIX;
  std::memcpy(address_.sun_path, address, size);
  if (address[0] == '@') address_.sun_path[0] = '\0';
  address_size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
  socket_ = Fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
}

void ServiceManager::ready() { tell("READY=1\nMAINPID=" + std::to_string(::getpid()) + "\n"); }

void ServiceManager::is_main_process() { tell("MAINPID=" + std::to_string(::getpid()) + "\n"); }

void ServiceManager::stopping() {
  if (is_stopping_) return;
  is_stopping_ = true;
  tell("STOPPING=1\n");
}

void ServiceManager::tell(const std::string& line) {
  if (!socket_) return;
  owed_ += line;
  retry();
}

void ServiceManager::retry() {
  const ssize_t sent = ::sendto(socket_.get(), owed_.data(), owed_.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address_), address_size_);
  const bool is_busy = sent < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR);
  if (!is_busy) owed_.clear();  // told, or there is nobody who listens
}

}  // namespace upkeep::keeper
