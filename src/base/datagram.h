// Datagrams with descriptors over a SOCK_SEQPACKET socket: the two system calls both sides of the keeper protocol
// share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace upkeep {

struct Datagram {
  std::string bytes;
  std::vector<Fd> fds;     // close-on-exec
  bool truncated = false;  // bytes or descriptors were lost (no free descriptor slots): an error for the receiver
};

// Sends without blocking and without SIGPIPE. 0 or errno; EAGAIN when the socket is full.
int send_datagram(int socket, std::string_view bytes, const std::vector<int>& fds);

inline constexpr std::size_t kDatagramBytesMax = 64 * 1024;
enum class Received { Message, Nothing, Closed };
// `bytes_max`, which is no more than kDatagramBytesMax, bounds a datagram. An empty datagram looks like the end: the
// protocol has none.
Received receive_datagram(int socket, std::size_t bytes_max, Datagram& into);

}  // namespace upkeep
