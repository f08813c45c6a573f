// The editor needs a terminal: a child runs it on one, and answers every line with "<line>".
#include "ctl/line_editor.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

#include <cstdio>
#include <cstdlib>

#include "base/fd.h"
#include "base/time.h"
#include "fakes/temporary_folder.h"

namespace upkeep::ctl {
namespace {

[[noreturn]] void run_editor(const std::string& history_file) {
  ::setenv("TERM", "xterm", 1);
  ::unsetenv("HOME");
  LineEditor editor{"> ", history_file,
                    [](std::string_view line) { return complete(line, [] { return std::vector<ProcessInfo>{}; }); }};
  while (const auto line = editor.read_line()) {
    std::printf("<%s>\n", line->c_str());
    std::fflush(stdout);
  }
  std::printf("(end)\n");
  std::fflush(stdout);
  ::pause();  // what is unread would be lost with the terminal
  ::_exit(0);
}

class LineEditorTest : public testing::Test {
 protected:
  void SetUp() override {
    fakes::put(history_, "remembered\n");
    int terminal = -1;
    child_ = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child_ == 0) run_editor(history_);
    if (child_ < 0) GTEST_SKIP() << "no pseudo-terminal to be had";
    terminal_ = Fd{terminal};
    expect("> ");
  }
  ~LineEditorTest() override {
    if (child_ <= 0) return;  // kill(-1) would end everything that may be ended
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }

  void type(std::string_view keys) {
    ASSERT_TRUE(is_editing());
    ASSERT_EQ(::write(terminal_.get(), keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  // libedit shows the prompt before it changes the terminal's mode; keys typed in between may be lost.
  bool is_editing() const {
    const Instant deadline = monotonic_now() + std::chrono::seconds{20};
    for (termios mode{}; monotonic_now() < deadline; (void)::poll(nullptr, 0, 1))
      if (::tcgetattr(terminal_.get(), &mode) == 0 && (mode.c_lflag & ICANON) == 0) return true;
    return false;
  }
  // Reads until the text has been shown; what was read up to then is used up.
  void expect(const std::string& text) {
    const Instant deadline = monotonic_now() + std::chrono::seconds{20};
    while (shown_.find(text) == std::string::npos) {
      pollfd readable{terminal_.get(), POLLIN, 0};
      char bytes[1024];
      ASSERT_LT(monotonic_now(), deadline) << "no " << text << " in " << shown_;
      if (::poll(&readable, 1, 1000) != 1) continue;
      const ssize_t got = ::read(terminal_.get(), bytes, sizeof bytes);
      ASSERT_GT(got, 0) << "ended before " << text << ", after " << shown_;
      shown_.append(bytes, static_cast<std::size_t>(got));
    }
    shown_.erase(0, shown_.find(text) + text.size());
  }

  fakes::TemporaryFolder folder_;
  std::string history_ = folder_ / "history";
  pid_t child_ = -1;
  Fd terminal_;
  std::string shown_;
};

TEST_F(LineEditorTest, CompletesWithTab) {
  type("mai\t-5\n");
  expect("<maintail -5>");
}

TEST_F(LineEditorTest, ListsSeveralCandidates) {
  type("re\t");
  expect("reload   remove   reread   restart ");
  type("m\t\n");
  expect("<remove >");
}

TEST_F(LineEditorTest, KeepsCharactersOutsideAscii) {
  type("pid caf\u00e9\n");
  expect("<pid caf\u00e9>");
}

TEST_F(LineEditorTest, RecallsAndKeepsTheHistory) {
  type("\x1b[A\n");
  expect("<remembered>");
  type("new\n");
  expect("<new>");
  type("new\n");
  expect("<new>");
  EXPECT_EQ(fakes::content(history_), "remembered\nnew\n");
}

TEST_F(LineEditorTest, EndsWithTheInput) {
  type("\x04");
  expect("(end)");
}

}  // namespace
}  // namespace upkeep::ctl
