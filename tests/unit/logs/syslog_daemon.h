// The socket of a syslog daemon, and who reads it.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <string>

#include "base/fd.h"

namespace upkeep::logs {

class SyslogDaemon {
 public:
  explicit SyslogDaemon(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  std::string next() const {
    std::array<char, 1000> buffer;
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return got < 0 ? "(nothing)" : std::string(buffer.data(), static_cast<std::size_t>(got));
  }

 private:
  Fd socket_;
};

}  // namespace upkeep::logs
