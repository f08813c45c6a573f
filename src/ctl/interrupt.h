// Ctrl-C as something to wait for: while an Interrupt lives, SIGINT does not end the program but makes fd() readable.
#pragma once

#include <signal.h>

#include "base/fd.h"

namespace upkeep::ctl {

class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  ~Interrupt();  // also forgets a Ctrl-C that nobody asked about

  int fd() const { return fd_.get(); }
  bool happened() const;               // since the Interrupt was made
  bool pause(int milliseconds) const;  // true: Ctrl-C ended the pause

 private:
  sigset_t before_;
  Fd fd_;
};

}  // namespace upkeep::ctl
