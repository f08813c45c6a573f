// Where a session reads and writes: three borrowed descriptors. Output is not buffered, so that the order of lines is
// the order of events whoever else writes to the same place.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace upkeep::ctl {

class Terminal {
 public:
  Terminal(int in_fd, int out_fd, int error_fd) : in_(in_fd), out_(out_fd), error_(error_fd) {}

  void print(std::string_view bytes);  // to standard output, as they are
  void print_line(std::string_view text);
  void complain(std::string_view bytes);  // to standard error

  // Prints the prompt and waits for a line. nullopt: end of input.
  std::optional<std::string> ask(std::string_view prompt);
  // The same without echo, at the controlling terminal; where there is none, the prompt goes to standard error.
  std::optional<std::string> ask_secret(std::string_view prompt);

  int in_fd() const { return in_; }
  int out_fd() const { return out_; }
  // Lines for whoever waits on in_fd itself: fill() once it is readable, then take_line() until nullopt.
  bool fill();                             // false: end of input
  std::optional<std::string> take_line();  // without LF; at end of input also an unfinished one

 private:
  int in_, out_, error_;
  std::string typed_;
  bool ended_ = false;
};

}  // namespace upkeep::ctl
