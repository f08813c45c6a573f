#include "daemontools/control_letters.h"

namespace upkeep::daemontools {

bool ControlLetters::add(char letter) {
  if (bytes_.size() >= kControlBytesMax) return false;
  const bool addresses = letter == 'L' || letter == 'l';
  if (addresses || bytes_.find(letter, run_) == std::string::npos) bytes_.push_back(letter);
  if (addresses) run_ = bytes_.size();
  return true;
}

}  // namespace upkeep::daemontools
