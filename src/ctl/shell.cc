#include "ctl/shell.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "ctl/completion.h"
#include "ctl/line_editor.h"

namespace upkeep::ctl {
namespace {

// What the handler needs; a handler has no other way to it.
struct Leaving {
  int exit_status = 0;
  bool has_modes = false;
  termios modes{};
} leaving;

void leave(int signal) {
  if (leaving.has_modes) (void)::tcsetattr(STDIN_FILENO, TCSANOW, &leaving.modes);
  if (signal == SIGTERM) {
    (void)::signal(SIGTERM, SIG_DFL);
    (void)::raise(SIGTERM);  // takes effect when this handler returns
    return;
  }
  (void)!::write(STDOUT_FILENO, "\n", 1);
  ::_exit(leaving.exit_status);
}

// The processes Tab offers; asked for once between two commands, for Tab is pressed often.
class KnownProcesses {
 public:
  explicit KnownProcesses(Session& session) : session_(session) {}
  void forget() { infos_.reset(); }
  const std::vector<ProcessInfo>& get() {
    if (!infos_) infos_ = ask().value_or(std::vector<ProcessInfo>{});
    return *infos_;
  }

 private:
  Attempt<std::vector<ProcessInfo>> ask() { return as_process_infos(TRY(session_.call("getAllProcessInfo"))); }
  Session& session_;
  std::optional<std::vector<ProcessInfo>> infos_;
};

}  // namespace

void leave_on_interrupt(int exit_status) {
  leaving.exit_status = exit_status;
  leaving.has_modes = ::tcgetattr(STDIN_FILENO, &leaving.modes) == 0;
  struct sigaction action {};
  action.sa_handler = leave;
  action.sa_flags = SA_RESTART;
  (void)::sigaction(SIGINT, &action, nullptr);
  (void)::sigaction(SIGTERM, &action, nullptr);
}

void run_shell(Session& session, const ShellSettings& settings) {
  const std::string prompt = settings.prompt + "> ";
  KnownProcesses known{session};
  std::unique_ptr<LineEditor> editor;
  if (::isatty(session.terminal.in_fd()) && ::isatty(session.terminal.out_fd())) {
    editor = std::make_unique<LineEditor>(prompt, settings.history_file, [&known](std::string_view line) {
      return complete(line, [&known] { return known.get(); });
    });
  }
  Next next = session.run_line("status");
  while (next == Next::Stay) {
    const auto line = editor ? editor->read_line() : session.terminal.ask(prompt);
    known.forget();
    next = session.run_line(line.value_or("EOF"));
  }
}

}  // namespace upkeep::ctl
