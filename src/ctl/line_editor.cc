#include "ctl/line_editor.h"

#include <fcntl.h>
#include <histedit.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <fstream>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "ctl/format.h"

namespace upkeep::ctl {

struct LineEditor::State {
  std::string prompt;
  std::optional<std::string> history_file;
  Completer completer;
  EditLine* editor = nullptr;
  History* history = nullptr;
  HistEvent event{};
  std::string newest;  // line of the history

  void remember(const std::string& line) {
    ::history(history, &event, H_ENTER, line.c_str());
    newest = line;
  }

  void load() {
    std::ifstream file{*history_file};
    for (std::string line; std::getline(file, line);)
      if (!line.empty()) remember(line);
  }

  void append(const std::string& line) const {
    const Fd file{::open(history_file->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    const std::string text = line + "\n";
    (void)!::write(file.get(), text.data(), text.size());  // a history that cannot be kept is no reason to stop
  }

  // libedit's callbacks know their editor only; its client data is our State.
  static State& of(EditLine* editor) {
    void* data = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<State*>(data);
  }

  static char* show_prompt(EditLine* editor) { return of(editor).prompt.data(); }

  static unsigned char on_tab(EditLine* editor, int /*key*/) {
    const LineInfo* line = ::el_line(editor);
    const Completion completion =
        of(editor).completer({line->buffer, static_cast<std::size_t>(line->cursor - line->buffer)});
    const std::string more =
        common_start(completion.candidates).substr(completion.candidates.empty() ? 0 : completion.word.size());
    if (!more.empty()) return ::el_insertstr(editor, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    if (completion.candidates.size() < 2) return CC_ERROR;
    const std::vector<std::string_view> shown{completion.candidates.begin(), completion.candidates.end()};
    (void)std::fprintf(stdout, "\n%s", in_columns(shown).c_str());
    (void)std::fflush(stdout);
    return CC_REDISPLAY;
  }
};

LineEditor::LineEditor(std::string prompt, std::optional<std::string> history_file, Completer completer)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.prompt = std::move(prompt);
  state.history_file = std::move(history_file);
  state.completer = std::move(completer);
  ::setlocale(LC_CTYPE, "C.UTF-8");  // libedit drops what the locale cannot decode; names are UTF-8 whatever it says
  state.history = ::history_init();
  ::history(state.history, &state.event, H_SETSIZE, kHistoryLines);
  state.editor = ::el_init("supervisorctl", stdin, stdout, stderr);
  ::el_set(state.editor, EL_CLIENTDATA, &state);
  ::el_set(state.editor, EL_PROMPT, &State::show_prompt);
  ::el_set(state.editor, EL_EDITOR, "emacs");
  ::el_set(state.editor, EL_SIGNAL, 0);  // its handlers allocate and lock: they can hang (seen, at a hang-up)
  ::el_set(state.editor, EL_HIST, ::history, state.history);
  ::el_set(state.editor, EL_ADDFN, "supervisorctl-complete", "Complete commands and names", &State::on_tab);
  ::el_set(state.editor, EL_BIND, "^I", "supervisorctl-complete", nullptr);
  ::el_source(state.editor, nullptr);  // the user's own ~/.editrc
  if (state.history_file) state.load();
}

LineEditor::~LineEditor() {
  ::el_end(state_->editor);
  ::history_end(state_->history);
}

std::optional<std::string> LineEditor::read_line() {
  int count = 0;
  const char* typed = ::el_gets(state_->editor, &count);
  if (!typed || count <= 0) return std::nullopt;
  std::string line{typed, static_cast<std::size_t>(count)};
  if (line.ends_with('\n')) line.pop_back();
  if (!line.empty() && line != state_->newest) {
    state_->remember(line);
    if (state_->history_file) state_->append(line);
  }
  return line;
}

}  // namespace upkeep::ctl
