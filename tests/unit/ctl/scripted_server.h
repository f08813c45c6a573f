// A server on a unix socket for tests of the client: every connection brings one request, which `handle` answers by
// writing to the connection; it is closed when `handle` returns. Connections are handled at the same time.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "fakes/temporary_folder.h"

namespace upkeep::ctl {

inline void write_bytes(int connection, std::string_view bytes) {
  (void)::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

class ScriptedServer {
 public:
  using Handler = std::function<void(const std::string& request, int connection)>;

  explicit ScriptedServer(Handler handle) : handle_(std::move(handle)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    accepting_ = std::thread{[this] { accept_all(); }};
  }
  ~ScriptedServer() {
    stop_.write.reset();
    accepting_.join();
    for (std::thread& each : handling_) each.join();
  }

  std::string url() const { return "unix://" + path_; }

 private:
  void accept_all() {
    for (;;) {
      pollfd fds[2] = {{listener_.get(), POLLIN, 0}, {stop_.read.get(), POLLIN, 0}};
      (void)::poll(fds, 2, -1);
      if (fds[1].revents != 0) return;
      handling_.emplace_back([this, connection = Fd{::accept(listener_.get(), nullptr, nullptr)}] {
        handle_(read_request(connection.get()), connection.get());
      });
    }
  }

  static std::string read_request(int connection) {
    std::string request;
    char bytes[4096];
    for (;;) {
      const auto head = request.find("\r\n\r\n");
      if (head != std::string::npos) {
        const auto length = request.find("Content-Length: ");
        const std::size_t body = length < head ? std::stoul(request.substr(length + 16)) : 0;
        if (request.size() >= head + 4 + body) return request;
      }
      const ssize_t got = ::recv(connection, bytes, sizeof bytes, 0);
      if (got <= 0) return request;
      request.append(bytes, static_cast<std::size_t>(got));
    }
  }

  Handler handle_;
  fakes::TemporaryFolder folder_;
  std::string path_ = folder_ / "s";
  Fd listener_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  Pipe stop_ = Pipe::make().value();
  std::vector<std::thread> handling_;
  std::thread accepting_;
};

}  // namespace upkeep::ctl
