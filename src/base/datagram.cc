#include "base/datagram.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace upkeep {
namespace {

constexpr std::size_t kFdsMax = 16;
using Control = std::array<char, CMSG_SPACE(sizeof(int) * kFdsMax)>;

}  // namespace

int send_datagram(int socket, std::string_view bytes, const std::vector<int>& fds) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fds.size() > kFdsMax) return E2BIG;
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    std::memcpy(CMSG_DATA(header), fds.data(), sizeof(int) * fds.size());
  }
  for (;;) {
    if (::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return 0;
    if (errno != EINTR) return errno;
  }
}

Received receive_datagram(int socket, std::size_t bytes_max, Datagram& into) {
  std::array<char, kDatagramBytesMax> buffer;  // not cleared: nearly all datagrams are a hundred times smaller
  into.bytes.clear();
  into.fds.clear();
  iovec part{buffer.data(), std::min(bytes_max, buffer.size())};
  alignas(cmsghdr) Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size;
  // ECONNRESET, told once, means that the peer ended without having read all we sent; its own last messages follow.
  do size = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (size < 0 && (errno == EINTR || errno == ECONNRESET));
  if (size < 0) return errno == EAGAIN ? Received::Nothing : Received::Closed;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      into.fds.emplace_back(fd);
    }
  }
  into.bytes.assign(buffer.data(), static_cast<std::size_t>(size));
  into.truncated = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  return size == 0 ? Received::Closed : Received::Message;
}

}  // namespace upkeep
