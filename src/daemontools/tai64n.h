// tai64n: puts the moment at which each line began before it: "@400000003b9aca0a00000000 line".
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace upkeep::daemontools {

class LineStamps {
 public:
  explicit LineStamps(std::function<WallTime()> clock) : clock_(std::move(clock)) {}
  // A line gets its label with its first byte; nothing is held back, and no newline is added at the end.
  void feed(std::string_view input, std::string& output);

 private:
  std::function<WallTime()> clock_;
  bool at_line_start_ = true;
};

int tai64n_main(int argc, char** argv);  // arguments mean nothing

}  // namespace upkeep::daemontools
