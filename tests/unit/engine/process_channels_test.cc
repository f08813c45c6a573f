#include "engine/process_channels.h"

#include <sys/stat.h>
#include <unistd.h>

#include "unit/engine/daemon_fixture.h"

namespace upkeep::engine {
namespace {

using fakes::content;
using testing::ElementsAre;
using testing::IsEmpty;

class ProcessChannelsTest : public DaemonTest {
 protected:
  ProcessChannelsTest() {
    config_process_.name = "web";
    config_process_.group = "web";
    config_process_.out.target = {config::LogTarget::Kind::File, folder_ / "out"};
    config_process_.err.target = {config::LogTarget::Kind::File, folder_ / "err"};
    log_.set_threshold(LogLevel::Info);
  }

  // As after a start: the program's ends of the pipes are out_ and err_.
  void open() {
    ASSERT_TRUE(channels_.open_sinks());
    std::vector<LentChannel> lent;
    for (auto* end : {&out_, &err_}) {
      Pipe pipe = Pipe::make().value();
      ASSERT_TRUE(set_nonblocking(pipe.read.get()));
      *end = std::move(pipe.write);
      lent.push_back({end == &out_ ? Stdio::Out : Stdio::Err, std::move(pipe.read), Fd{}, 0});
    }
    channels_.open(std::move(lent));
  }
  void say(const Fd& end, std::string_view text) {
    ASSERT_EQ(::write(end.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    for (int turn = 0; turn < 3; ++turn) loop_.turn(Duration{0});
  }

  config::Process config_process_;
  Surroundings around_{keeper_, loop_, log_, sinks_, tee_, syslog_, setting_, mood_, {}, {}, {}};
  ProcessChannels channels_{config_process_, around_};
  Fd out_, err_;
};

TEST_F(ProcessChannelsTest, ClearingBeginsBothLogsAnewAndKeepsBackups) {
  fakes::put(folder_ / "out.1", "backup");
  open();
  say(out_, "old");
  say(err_, "old");
  EXPECT_TRUE(channels_.clear());
  EXPECT_EQ(content(folder_ / "out") + content(folder_ / "err"), "");
  say(out_, "new out");
  say(err_, "new err");
  EXPECT_EQ(content(folder_ / "out"), "new out");
  EXPECT_EQ(content(folder_ / "err"), "new err");
  EXPECT_EQ(content(folder_ / "out.1"), "backup");
}

TEST_F(ProcessChannelsTest, ClearingMindsWhatIsThere) {
  open();
  ASSERT_EQ(::unlink((folder_ / "out").c_str()), 0);
  EXPECT_TRUE(channels_.clear());  // a file that is gone is cleared
  say(out_, "anew");
  EXPECT_EQ(content(folder_ / "out"), "anew");
  channels_.finish();
  EXPECT_TRUE(channels_.clear());  // not running: nothing is done
  EXPECT_EQ(content(folder_ / "out"), "anew");
}

TEST_F(ProcessChannelsTest, EscapesAreStrippedIfThatIsSoWhenTheProcessStarts) {
  open();
  setting_.strip_ansi = true;
  say(out_, "\x1b[1mbold\x1b[0m ");
  channels_.finish();
  open();
  setting_.strip_ansi = false;
  say(out_, "\x1b[1mplain\x1b[0m");
  EXPECT_EQ(content(folder_ / "out"), "\x1b[1mbold\x1b[0m plain");
}

TEST_F(ProcessChannelsTest, MarkedTextsReachTheObserver) {
  std::vector<std::pair<Stdio, std::string>> seen;
  channels_.on_captured([&](Stdio channel, std::string text) { seen.emplace_back(channel, std::move(text)); });
  config_process_.err.capture_max_bytes = 100;
  open();
  say(err_, "a<!--XSUPERVISOR:BEGIN-->b<!--XSUPERVISOR:END-->c");
  say(out_, "<!--XSUPERVISOR:BEGIN-->");  // not captured here
  EXPECT_THAT(seen, ElementsAre(std::pair{Stdio::Err, std::string{"b"}}));
  EXPECT_EQ(content(folder_ / "err"), "ac");
  EXPECT_EQ(content(folder_ / "out"), "<!--XSUPERVISOR:BEGIN-->");
}

TEST_F(ProcessChannelsTest, WhatLooksLikeATokenIsNotLostAtTheEnd) {
  config_process_.out.capture_max_bytes = 100;
  open();
  say(out_, "the end <!--X");
  EXPECT_EQ(content(folder_ / "out"), "the end ");
  channels_.finish();
  EXPECT_EQ(content(folder_ / "out"), "the end <!--X");
}

TEST_F(ProcessChannelsTest, AtLevelDebugTheEndOfAStreamIsTold) {
  log_.set_threshold(LogLevel::Debug);
  open();
  say(out_, "hello\n");
  out_.reset();
  channels_.finish();
  const auto lines = log();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "DEBG 'web' stdout output:");
  EXPECT_EQ(lines[1], "hello");
  EXPECT_THAT(lines[2], testing::MatchesRegex("DEBG fd [0-9]+ closed, stopped monitoring <POutputDispatcher for "
                                              "<Subprocess with name web> \\(stdout\\)>"));
}

TEST_F(ProcessChannelsTest, AWrongPathIsASpawnErrorInSupervisorsWords) {
  config_process_.err.target.path = folder_.path();
  EXPECT_EQ(channels_.open_sinks().error().text, "unknown error making dispatchers for 'web': EISDIR");
  config_process_.out.target.path = folder_ / "no/log";
  EXPECT_EQ(channels_.open_sinks().error().text, "unknown error making dispatchers for 'web': ENOENT");
  config_process_.out.target.path = "/dev/fd/9";
  EXPECT_EQ(channels_.open_sinks().error().text, "unknown error making dispatchers for 'web': ENOENT");
}

}  // namespace
}  // namespace upkeep::engine
