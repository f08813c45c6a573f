// Lines typed at a terminal: editing, completion and history by libedit, behind this one file.
//
// The history file holds one line a command, as GNU readline writes it, so that it can be shared with the original.
// Lines are appended as they are typed: the shell may be left at any time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ctl/completion.h"

namespace upkeep::ctl {

class LineEditor {
 public:
  static constexpr int kHistoryLines = 1000;  // remembered; the file is not shortened

  using Completer = std::function<Completion(std::string_view text_before_cursor)>;
  LineEditor(std::string prompt, std::optional<std::string> history_file, Completer completer);
  ~LineEditor();

  std::optional<std::string> read_line();  // without LF; nullopt: end of input

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace upkeep::ctl
