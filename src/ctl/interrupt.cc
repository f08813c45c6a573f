#include "ctl/interrupt.h"

#include <poll.h>
#include <sys/signalfd.h>

namespace upkeep::ctl {

Interrupt::Interrupt() : before_{} {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
  fd_ = Fd{::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)};
}

Interrupt::~Interrupt() {
  signalfd_siginfo pending;
  while (::read(fd_.get(), &pending, sizeof pending) > 0) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupt::happened() const { return pause(0); }

bool Interrupt::pause(int milliseconds) const {
  pollfd pending{fd_.get(), POLLIN, 0};
  return ::poll(&pending, 1, milliseconds) > 0;
}

}  // namespace upkeep::ctl
