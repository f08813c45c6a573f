// Owners of descriptors. Every descriptor of ours is close-on-exec from birth.
#pragma once

#include <unistd.h>

#include <utility>

#include "base/result.h"

namespace upkeep {

class Fd {  // owns one descriptor
 public:
  explicit Fd(int fd = -1) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);  // never retried: Linux frees the number even on EINTR
  }
  int get() const noexcept { return fd_; }  // lends; never converts to int by itself
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset() noexcept { *this = Fd{}; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

  // A second descriptor of the same open file description.
  Result<Fd> duplicate() const;

 private:
  int fd_;
};

struct Pipe {
  Fd read, write;
  // Both ends close-on-exec; `flags` may add O_NONBLOCK (it then applies to both ends).
  static Result<Pipe> make(int flags = 0);
};

// O_NONBLOCK belongs to the open file description: only for descriptions that nobody else uses.
Result<void> set_nonblocking(int fd);

}  // namespace upkeep
